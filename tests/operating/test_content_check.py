"""Whoever writes the city's answers is told all that is wrong with them, before a citizen reads them."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows.answering import NoSuchTopic, check_content, read_dialogues, read_topics, record_reviews
from flows.answering.content import HERE

DAMSO = Path(sys.executable).with_name("damso")
INTENTS = {topic.intent for topic in read_topics().values()}
THEN, TODAY = date(2026, 11, 24), date(2026, 12, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the city's own topics and sources, all of them reviewed."""
    shutil.copytree(HERE / "topics", tmp_path / "topics")
    shutil.copy(HERE / "sources.yml", tmp_path)
    record_reviews(None, THEN, tmp_path)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    """Another text where the pattern `old` is found first."""
    changed, count = re.subn(old, new, path.read_text("utf-8"), count=1, flags=re.MULTILINE)
    assert count, f"{path.name} has no {old}"
    path.write_text(changed, "utf-8")


def korean(folder: Path) -> None:
    change(folder / "topics/ogp.yml", "출범한 국제 협력체", "시작한 국제 협력체")


def english(folder: Path) -> None:
    change(folder / "topics/ogp.yml", "is an international partnership", "is a partnership of many countries")


def test_what_is_whole_and_reviewed_has_no_fault(folder: Path) -> None:
    assert check_content(INTENTS, folder) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (r"^title: .*", 'title: {ko: "열린정부파트너십"}', "ogp.yml: title.en: Field required"),
        (r"^title: .*", 'title: {ko: "열린정부파트너십", en: " "}', "ogp.yml: title: .*nothing is written in .'en'"),
        (r"^plain:\n(?:  .*\n|\n)+", "", "ogp.yml: plain: nobody has written it yet"),
        (r"^plain:\n  ko: \|\n(?:    .*\n|\n)+", "plain:\n", "ogp.yml: plain.ko: Field required"),
        (r"^sources: .*\n", "", "ogp.yml: sources: Field required"),
        (r"^sources: .*", "sources: []", "ogp.yml: sources: .*at least 1"),
        (r"^as_of: .*\n", "", "ogp.yml: as_of: Field required"),
        (r"^as_of: .*", 'as_of: "2026-02-30"', "ogp.yml: as_of: .*2026-02-30|ogp.yml: as_of: .*day"),
        (r"^review_by: .*\n", "", "ogp.yml: review_by: Field required"),
        (r"^review_by: .*", "review_by: 2026-01-31", "ogp.yml: review_by 2026-01-31 is before as_of 2026-02-03"),
        (r"^sources: .*", "sources: [ogp-members, nowhere]", "ogp.yml: unknown source nowhere"),
        (r"^related: .*", "related: [nowhere]", "ogp.yml: related to an unknown topic nowhere"),
        (r"^commitments: .*", "commitments: [KRGNJ9999]", "ogp.yml: unknown commitment KRGNJ9999"),
        (r"^intent: .*", "intent: ask_nothing", "ogp.yml: its intent must be ask_ogp, not ask_nothing"),
        (r"^intent: .*", "intent: ask_nothing", "ogp.yml: the intent model has no ask_nothing"),
        (r"^intent: .*", f"intent: ask_{'o' * 43}", "ogp.yml: intent: .*pattern"),
        (r"^facts:", "fatcs:", "ogp.yml: fatcs: Extra inputs"),
        (r"^title: .*", "title: {", "ogp.yml: cannot be read: .*line"),
    ],
)
def test_a_topic_that_is_not_whole_is_refused_by_its_name(folder: Path, old: str, new: str, said: str) -> None:
    change(folder / "topics/ogp.yml", old, new)
    faults = check_content(INTENTS, folder)
    assert any(re.match(said, fault) for fault in faults), faults
    assert all(fault.startswith("ogp") for fault in faults), "others are blamed for it"
    assert not any("\n" in fault for fault in faults)


def test_all_faults_are_said_at_once(folder: Path) -> None:
    change(folder / "topics/ogp.yml", r"^sources: .*\n", "")
    change(folder / "topics/ogp.yml", r"^as_of: .*\n", "")
    change(folder / "topics/transport.yml", r"^related: .*", "related: [nowhere]")
    change(folder / "sources.yml", r'url: "https://', 'url: "ftp://')
    faults = check_content({*INTENTS, "ask_more"}, folder)
    assert len(faults) == 5, faults


@pytest.mark.parametrize(("topic", "why"), [("contact", "buttons lead"), ("action_plan", "the menu leads")])
def test_a_topic_that_the_program_leads_to_must_be_there(folder: Path, topic: str, why: str) -> None:
    (folder / f"topics/{topic}.yml").unlink()
    assert any(fault.startswith(f"topics/{topic}.yml: missing, {why}") for fault in check_content(INTENTS, folder))


def test_topics_and_what_is_understood_belong_together(folder: Path) -> None:
    faults = check_content(INTENTS - {"ask_ogp"} | {"ask_weather"}, folder)
    assert faults == [
        "ogp.yml: the intent model has no ask_ogp for a topic to answer",
        "ask_weather: the intent model knows it, but no topic answers it",
    ]


@pytest.mark.parametrize("url", ["ftp://example.org/", "www.example.org", "https://", "https://example.org/a b", "[1]"])
def test_a_source_is_on_the_web_or_says_that_it_is_not(folder: Path, url: str) -> None:
    change(folder / "sources.yml", r'^(ogp-plan: .*url: )"[^"]*"', rf'\1"{url}"')
    assert check_content(INTENTS, folder) == [f"sources.yml: ogp-plan: not a web address: {url}"]


def test_a_broken_source_is_not_blamed_on_its_topics(folder: Path) -> None:
    change(folder / "sources.yml", r"^(ogp-plan: .*), publisher: [^,]*,", r"\1,")
    assert check_content(INTENTS, folder) == ["sources.yml: ogp-plan: publisher: Field required"]


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ((korean,), "ogp: the Korean text changed since its last review, the English one did not"),
        ((english,), "ogp: the English text changed since its last review, the Korean one did not"),
        (
            (korean, english),
            "ogp: both changed: read them side by side, then run `damso content reviewed ogp`",
        ),
    ],
    ids=["korean", "english", "both"],
)
def test_languages_that_drift_apart_are_noticed_until_they_are_reviewed(
    folder: Path, edits: tuple[Callable[[Path], None], ...], said: str
) -> None:
    for edit in edits:
        edit(folder)
    (fault,) = check_content(INTENTS, folder)
    assert fault.startswith(said)
    assert "`damso content reviewed ogp`" in fault
    record_reviews(["ogp"], TODAY, folder)
    assert check_content(INTENTS, folder) == []


@pytest.mark.parametrize("part", ["title", "answer", "plain", "more", "when", "who"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_part_that_is_said_counts(folder: Path, part: str, lang: str) -> None:
    line = rf"^({part}:(?: \{{|\n)(?:  ko: \|\n(?:    .*\n|\n)*)?.*?{lang}: (?:\|\n    |\"))"
    change(folder / "topics/ogp.yml", line, r"\1OGP: ")
    (fault,) = check_content(INTENTS, folder)
    assert f"the {'Korean' if lang == 'ko' else 'English'} text changed" in fault


def test_dates_and_sources_can_change_without_another_reading(folder: Path) -> None:
    change(folder / "topics/ogp.yml", r"^review_by: .*", "review_by: 2028-01-31")
    change(folder / "topics/ogp.yml", r"^sources: .*", "sources: [ogp-members]")
    assert check_content(INTENTS, folder) == []


def test_a_new_topic_waits_for_its_first_review(folder: Path) -> None:
    text = (folder / "topics/ogp.yml").read_text("utf-8").replace("ask_ogp", "ask_new")
    (folder / "topics/new.yml").write_text(text, "utf-8")
    (fault,) = check_content({*INTENTS, "ask_new"}, folder)
    assert fault.startswith("new: no review is recorded: read both languages side by side")


def test_a_review_is_of_the_topics_that_were_named(folder: Path) -> None:
    before = (folder / "reviews.yml").read_text("utf-8")
    korean(folder)
    change(folder / "topics/transport.yml", "교통", "탈것")
    assert record_reviews(["ogp"], TODAY, folder) == ["ogp"]
    after = (folder / "reviews.yml").read_text("utf-8")
    changed = {*after.splitlines()} - {*before.splitlines()}
    assert [line.split(":")[0] for line in changed] == ["ogp"]
    assert changed.pop().endswith("reviewed: 2026-12-01}")
    assert [fault.split(":")[0] for fault in check_content(INTENTS, folder)] == ["transport"]


def test_nothing_is_recorded_of_what_is_not_there_or_cannot_be_read(folder: Path) -> None:
    before = (folder / "reviews.yml").read_text("utf-8")
    with pytest.raises(NoSuchTopic, match="nowhere"):
        record_reviews(["ogp", "nowhere"], TODAY, folder)
    change(folder / "topics/transport.yml", r"^as_of: .*\n", "")
    with pytest.raises(ValueError, match=r"transport\.yml: as_of"):
        record_reviews(None, TODAY, folder)
    assert (folder / "reviews.yml").read_text("utf-8") == before


def test_a_record_that_two_branches_broke_is_said_and_written_anew(folder: Path) -> None:
    reviews = folder / "reviews.yml"
    reviews.write_text(f"<<<<<<< ours\n{reviews.read_text('utf-8')}=======\n", "utf-8")
    assert check_content(INTENTS, folder)[0].startswith("reviews.yml: cannot be read")
    with pytest.raises(ValueError, match="cannot be read"):
        record_reviews(["ogp"], TODAY, folder)
    record_reviews(None, TODAY, folder)
    assert check_content(INTENTS, folder) == []


def test_a_topic_that_is_gone_leaves_the_record(folder: Path) -> None:
    (folder / "topics/transport.yml").unlink()
    record_reviews(["ogp"], TODAY, folder)
    assert "transport" not in (folder / "reviews.yml").read_text("utf-8")


# --- the dialogues beside the answers --------------------------------------------------------------------------------

DIALOGUE = """
- title: Asked and answered
  lang: ko
  turns:
    - says: 열린정부파트너십이 뭐예요?
      intent: ask_ogp
      topics: [ogp]
      offers: [more_detail, "ask:gwangju_ogp", "rate:ogp"]
      has: ["2011"]
    - presses: ask:gwangju_ogp
      topic: gwangju_ogp
"""
ACTING = {"more_detail", "rate"}


def write_dialogues(folder: Path, text: str = DIALOGUE) -> None:
    (folder / "dialogues").mkdir(exist_ok=True)
    (folder / "dialogues" / "theme.yml").write_text(text, "utf-8")


def test_dialogues_that_are_whole_have_no_fault(folder: Path) -> None:
    write_dialogues(folder)
    assert check_content(INTENTS, folder, acting=ACTING) == []
    assert [dialogue.title for dialogue in read_dialogues(folder)] == ["Asked and answered"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("says: 열린", "sayz: 열린", "turns.0.sayz: Extra inputs"),
        ("says: .*", "says: no", "turns.0.says: .*string"),
        ("says: .*", 'says: ""', "turns.0.says: .*at least 1"),
        ("      intent: ask_ogp", "      presses: menu", "turns.0: .*either `says` or `presses`"),
        ("- says: .*", "- intent: greet", "turns.0.*"),
        ("intent: ask_ogp", "intents: [ask_ogp]\n      intent: ask_ogp", "turns.0: .*either `intent` or `intents`"),
        (r"topics: \[ogp\]", "topics: [ogp]\n      topic: ogp", "turns.0: .*either `topic` or `topics`"),
        (r'has: \["2011"\]', "has: [2011]", "turns.0.has.0: .*string"),
        (r'has: \["2011"\]', "has: []", "turns.0.has: .*at least 1"),
        ("lang: ko", "lang: jp", "lang: .*'ko' or 'en'"),
        ("  lang: ko\n", "", "lang: Field required"),
        ("      topic: gwangju_ogp\n", "", ".*the last turn expects nothing"),
        ("intent: ask_ogp", "intent: ask_weather", "turn 1: unknown intent ask_weather"),
        (r"topics: \[ogp\]", "topics: [ogp, weather]", "turn 1: unknown topic weather"),
        ("      topic: gwangju_ogp", "      topic: weather", "turn 2: unknown topic weather"),
        ("presses: ask:gwangju_ogp", "presses: ask:weather", "turn 2: unknown topic weather"),
        ('"rate:ogp"', '"rated:ogp"', "turn 1: no button begins with rated"),
    ],
)
def test_a_dialogue_that_cannot_be_held_is_refused_by_its_title(folder: Path, old: str, new: str, said: str) -> None:
    write_dialogues(folder)
    change(folder / "dialogues/theme.yml", old, new)
    faults = check_content(INTENTS, folder, acting=ACTING)
    assert any(re.match(f"theme.yml: Asked and answered: {said}", fault) for fault in faults), faults
    assert not any("\n" in fault for fault in faults)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- title: {", "theme.yml: cannot be read"),
        ("title: Asked\n", "theme.yml: is no list of dialogues"),
        ("", "theme.yml: is no list of dialogues"),
        ("- Asked and answered\n", "theme.yml: dialogue 1: Input should be"),
        ("- lang: ko\n  turns: []\n", "theme.yml: dialogue 1: title: Field required"),
        (DIALOGUE + DIALOGUE, "theme.yml: Asked and answered: another dialogue has this title"),
    ],
)
def test_a_file_of_dialogues_that_has_not_the_form_is_refused(folder: Path, text: str, said: str) -> None:
    write_dialogues(folder, text)
    faults = check_content(INTENTS, folder, acting=ACTING)
    assert faults[0].startswith(said), faults


def test_dialogues_with_a_fault_are_not_held(folder: Path) -> None:
    write_dialogues(folder, DIALOGUE.replace("says:", "sayz:"))
    with pytest.raises(ValueError, match=r"theme\.yml: Asked and answered: turns\.0\.sayz"):
        read_dialogues(folder)


def damso(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, DAMSO, *words], capture_output=True, text=True, check=False)


def test_the_citys_own_content_is_whole() -> None:
    done = damso("content", "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "are whole" in done.stdout


def test_a_review_names_what_was_read() -> None:
    refused = damso("content", "reviewed", "nowhere")
    assert (refused.returncode, "nowhere" in refused.stderr) == (1, True)
    assert damso("content", "reviewed").returncode == 2
    assert damso("content", "reviewed", "ogp", "--all").returncode == 2
