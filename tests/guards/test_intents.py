"""What can be understood, what can be answered and what it was taught with name the same intents."""

from pathlib import Path

import pytest
import yaml

from bot.channels.telegram.introducing import COMMANDS as MENU
from flows.answering import intents, read_topics
from flows.city import city
from flows.commitments import read_plan
from flows.routes import ALWAYS, BUTTONS, COMMANDS, ROUTES
from flows.subscribing import Frequency
from flows.wording import LANGS, text

NLU = Path(__file__).parents[2] / "nlu"
LEAST_EXAMPLES = 20
DOMAIN = yaml.safe_load((NLU / "domain.yml").read_text("utf-8"))
ANSWERED = {topic.intent for topic in read_topics().values()}


def examples(path: Path) -> dict[str, list[str]]:
    """The sentences of a file of training data, by intent, synonym or lookup."""
    blocks = yaml.safe_load(path.read_text("utf-8"))["nlu"]
    return {
        name: [line.removeprefix("- ") for line in block["examples"].splitlines()]
        for block in blocks
        for kind, name in block.items()
        if kind != "examples"
    }


def test_every_intent_is_named_once() -> None:
    names = DOMAIN["intents"]
    assert len(names) == len(set(names)), "nlu/domain.yml lists an intent twice"


def test_every_intent_has_a_route_or_a_topic() -> None:
    silent = {*DOMAIN["intents"]} - {*ROUTES} - ANSWERED
    assert not silent, f"understood, but nobody answers: add to flows/routes.py or flows/answering/topics: {silent}"


def test_every_route_and_topic_can_be_asked_for_in_words() -> None:
    mute = ({*ROUTES} | ANSWERED) - {*DOMAIN["intents"]}
    assert not mute, f"answered, but never understood: add to nlu/domain.yml and nlu/data: {mute}"


def test_what_is_only_pressed_is_no_intent() -> None:
    both = {*BUTTONS} & {*DOMAIN["intents"], *ROUTES}
    assert not both, f"in flows.routes.BUTTONS, and asked for in words too: move it to ROUTES: {both}"


def test_staff_can_say_of_a_question_that_it_meant_any_intent() -> None:
    names = {*intents("en")}
    assert names == {*DOMAIN["intents"]}, "flows/answering/learning.py and nlu/domain.yml differ: add to TALK there"


def test_no_intent_has_two_answers() -> None:
    both = {*ROUTES} & ANSWERED
    assert not both, f"a topic that its route hides: take one out of flows/routes.py or flows/answering/topics: {both}"


@pytest.mark.parametrize("lang", LANGS)
def test_every_intent_is_taught_in_each_language(lang: str) -> None:
    files = {path.stem for path in (NLU / "data" / lang).glob("*.yml")} - {"entities"}
    assert files == {*DOMAIN["intents"]}, f"nlu/data/{lang} and nlu/domain.yml differ"
    for name in files:
        taught = examples(NLU / "data" / lang / f"{name}.yml")
        assert {*taught} == {name}, f"nlu/data/{lang}/{name}.yml holds {sorted(taught)}"
        distinct = len(set(taught[name]))
        assert distinct >= LEAST_EXAMPLES, f"nlu/data/{lang}/{name}.yml: {distinct} examples of {LEAST_EXAMPLES}"


@pytest.mark.parametrize("lang", LANGS)
def test_no_sentence_teaches_two_intents(lang: str) -> None:
    taught: dict[str, str] = {}
    for name in DOMAIN["intents"]:
        for sentence in set(examples(NLU / "data" / lang / f"{name}.yml")[name]):
            other = taught.setdefault(sentence.lower(), name)
            assert other == name, f"nlu/data/{lang}: “{sentence}” stands under {other} and {name}"


def test_the_values_of_entities_are_those_that_handlers_take() -> None:
    """A handler looks these up without asking twice: a value it does not know would break it."""
    taken = {
        "commitment": {planned.code for planned in read_plan()},
        "theme": {*city().themes},
        "frequency": {*Frequency},
        "language": {*LANGS},
        "manner": {"plain"},
        "lasting": {"always", "no_more"},
    }
    files = [NLU / "data" / "entities.yml", *(NLU / "data" / lang / "entities.yml" for lang in LANGS)]
    shared, *spoken = [examples(path) for path in files]
    assert {name: {*shared[name]} for name in taken} == taken, "nlu/data/entities.yml offers other values than flows"
    known = set().union(*taken.values())
    for path, said in zip(files[1:], spoken, strict=True):
        assert {*said} <= known, f"{path}: a synonym of what no handler takes: {sorted({*said} - known)}"


def test_commands_lead_to_routes() -> None:
    lost = {word: name for word, name in COMMANDS.items() if name not in ROUTES}
    assert not lost, f"flows.routes.COMMANDS names no route: {lost}"
    assert ROUTES.keys() >= ALWAYS, f"flows.routes.ALWAYS names no route: {ALWAYS - ROUTES.keys()}"
    shouted = [word for word in COMMANDS if word != word.lower()]
    assert not shouted, f"words are compared in lower case, so these are never met: {shouted}"


@pytest.mark.parametrize("lang", LANGS)
def test_telegrams_menu_shows_commands_that_work(lang: str) -> None:
    unknown = {*MENU} - {*COMMANDS}
    assert not unknown, f"in Telegram's menu, but no word of flows.routes.COMMANDS: {unknown}"
    doubled = len(MENU) - len({COMMANDS[word] for word in MENU})
    assert not doubled, "two entries of Telegram's menu do the same"
    assert all(text(lang, said).strip() for said in MENU.values())
