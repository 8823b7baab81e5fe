"""What the city says: each language in its own register, dated, due for review, and within reach."""

import re
from collections.abc import Iterator
from datetime import date

import pytest

from flows.answering import read_topics
from flows.answering.content import Topic
from flows.city import Both
from flows.city import city as city_content
from flows.commitments import read_plan
from flows.wording import LANGS
from tests.city import City

TODAY = date(2026, 11, 24)
HANGUL, LATIN = re.compile("[가-힣]"), re.compile("[A-Za-z]")
IN_PARENTHESES = re.compile(r"\([^)]*\)|\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’")
POLITE_END = re.compile(r"(?:니다|니까|세요|시오|까요)$")
PLAIN_END = re.compile(r"요$")  # plain words are warmer: …해요, …세요
FIGURE = re.compile(r"\d[\d,.]+\d")  # of three digits and more: smaller ones may stand in words elsewhere
PARTS = ("answer", "plain", "more", "when", "who")


def said(topic: Topic) -> Iterator[tuple[str, Both]]:
    for part in PARTS:
        if words := getattr(topic, part):
            yield part, words


def sentences(text: str) -> Iterator[str]:
    """Whole sentences; what stands in a list (· …) or introduces one is none."""
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith(("·", "-", "•", "http")) and not line.rstrip().endswith(":"):
            yield from re.split(r"(?<=[.?!])\s+(?=[^a-z])", line.strip())  # not within “9 p.m. and 8 a.m.”


@pytest.fixture(params=sorted(read_topics()))
def topic(request: pytest.FixtureRequest) -> Topic:
    return read_topics()[request.param]


def test_korean_is_polite_and_korean(topic: Topic) -> None:
    for part, words in said(topic):
        for sentence in sentences(words.ko):
            where = f"topics/{topic.name}.yml, {part}.ko: “{sentence}”"
            assert HANGUL.search(sentence), f"{where} has no Korean in it"
            end = re.sub(r"\([^)]*\)", "", sentence).rstrip(" .?!'\"”’)")
            polite = PLAIN_END if part == "plain" else POLITE_END
            assert polite.search(end), f"{where} does not end as the city speaks (…니다, …세요; in plain words …요)"


def test_english_is_english(topic: Topic) -> None:
    """Korean names stand in parentheses or quotation marks, or in a sentence that says they are Korean."""
    for part, words in said(topic):
        for sentence in sentences(words.en):
            where = f"topics/{topic.name}.yml, {part}.en: “{sentence}”"
            assert LATIN.search(sentence), f"{where} has no English in it"
            bare = IN_PARENTHESES.sub("", sentence)
            assert "Korean" in bare or not HANGUL.search(bare), f"{where} has Korean outside parentheses"


def test_both_languages_hold_the_same_paragraphs_and_figures(topic: Topic) -> None:
    for part, words in said(topic):
        where = f"topics/{topic.name}.yml, {part}"
        ko, en = (len(re.split(r"\n\s*\n", words.of(lang).strip())) for lang in LANGS)
        assert ko == en, f"{where}: {ko} paragraphs in Korean, {en} in English"
        years = [set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", words.of(lang))) for lang in LANGS]
        assert years[0] == years[1], f"{where}: other years in Korean than in English: {years[0] ^ years[1]}"


def test_plain_words_hold_no_figure_that_is_new(topic: Topic) -> None:
    rest = {figure for part, words in said(topic) if part != "plain" for figure in _figures(words)}
    new = {figure for part, words in said(topic) if part == "plain" for figure in _figures(words)} - rest
    assert not new, f"topics/{topic.name}.yml, plain: {new} stands in no other part of the topic"


def _figures(words: Both) -> list[str]:
    return [figure for lang in LANGS for figure in FIGURE.findall(words.of(lang))]


def test_it_says_of_when_it_is(topic: Topic) -> None:
    assert date.fromisoformat(f"{topic.as_of}-01-01"[:10]) <= TODAY, f"topics/{topic.name}.yml: as_of is in the future"
    for lang in LANGS:
        text = " ".join(words.of(lang) for _, words in said(topic))
        assert topic.as_of[:4] in text, f"topics/{topic.name}.yml: no word of {topic.as_of[:4]} in {lang}"


def test_it_is_due_for_review_in_time(topic: Topic) -> None:
    assert topic.review_by > TODAY, f"topics/{topic.name}.yml: review_by {topic.review_by} is over"


def test_what_is_related_exists_and_is_another_topic(topic: Topic) -> None:
    assert topic.related, f"topics/{topic.name}.yml leads nowhere: name related topics"
    assert {*topic.related} <= read_topics().keys() - {topic.name}, f"topics/{topic.name}.yml: {topic.related}"
    assert len(topic.related) == len({*topic.related}), f"topics/{topic.name}.yml names a related topic twice"


@pytest.mark.parametrize("lang", LANGS)
async def test_every_topic_is_on_the_list_of_all_subjects(city: City, lang: str) -> None:
    listed = (await city.citizen(lang).press("menu:topics")).choices
    assert {*listed} >= {f"ask:{name}" for name in read_topics()}
    titles = [topic.title.of(lang) for topic in read_topics().values()]
    assert len(titles) == len({*titles}), "two topics have the same title, so their buttons look the same"


def test_the_plan_and_the_city_speak_both_languages() -> None:
    both = [w for p in read_plan() for w in (p.title, p.short, p.summary, p.lead)]
    here = city_content()
    both += [here.name, here.bot, here.strip, *here.themes.values(), *(d.reply for d in here.danger.values())]
    for words in both:
        assert HANGUL.search(words.ko), f"no Korean in “{words.ko}”"
        assert LATIN.search(words.en), f"no English in “{words.en}”"
