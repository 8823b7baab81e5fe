"""What the content promises, held against the trained model: the dialogues of `flows/answering/dialogues`."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.nlu import served
from bot import nlu
from flows.answering import Dialogue, Exchange, read_dialogues
from flows.city import city as the_city
from tests.city import Answer, City

pytestmark = pytest.mark.model

RECEIPT = re.compile(rf"{the_city().receipt_prefix}-\w{{4}}-\w{{4}}")


@pytest.fixture(scope="module")
def nlu_url() -> Iterator[str]:
    """The trained model, served for all dialogues."""
    if not nlu.RASA.exists():
        pytest.skip("the Rasa project is not installed: make install")
    with (
        tempfile.TemporaryDirectory() as folder,
        served(nlu.ensure_model(Path(folder)), Path(folder)) as (url, _, _),
    ):
        assert nlu.understands(url)
        yield url


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a slow answer leads to is told elsewhere; here the model may be slow, as on a machine that is training."""
    monkeypatch.setattr("flows.understanding.DEADLINE_S", 30.0)


@pytest.mark.parametrize("dialogue", read_dialogues(), ids=lambda dialogue: dialogue.title)
async def test_the_service_keeps_what_it_promises(city: City, dialogue: Dialogue) -> None:
    citizen, shown, receipt = city.citizen(dialogue.lang), list[str](), ""
    for number, turn in enumerate(dialogue.turns, 1):
        if turn.says:
            answer = await citizen.say(turn.says.replace("{receipt}", receipt))
        else:
            offered = [value for value in shown if _is(value, turn.presses)] if number > 1 else [turn.presses]
            if not offered:
                pytest.fail(f"turn {number}: nobody was offered {turn.presses}, only {shown}", pytrace=False)
            pressed = turn.presses if turn.presses in offered else offered[0]
            answer = await citizen.press(pressed)
        shown = [*answer.choices, *shown]  # the newest first
        receipt = found[0] if (found := RECEIPT.search(answer.text)) else receipt
        if missed := list(_missed(turn, answer, receipt)):
            done = turn.says or turn.presses
            pytest.fail(
                "\n".join([f"turn {number}, “{done}”:", *missed, "", answer.text, *answer.choices]), pytrace=False
            )


def _missed(turn: Exchange, answer: Answer, receipt: str) -> Iterator[str]:
    """A line for each expectation that was not met."""
    intents = tuple(intent["name"] for intent in answer["intents"])
    topics = tuple(reply["topic"] for reply in answer["replies"] if reply["topic"])
    if turn.all_intents not in (None, intents):
        yield f"expected the intents {turn.all_intents}, understood {intents}"
    if turn.all_topics not in (None, topics):
        yield f"expected the topics {turn.all_topics}, answered {topics}"
    if turn.lang not in (None, answer["lang"]):
        yield f"expected the language {turn.lang}, answered in {answer['lang']}"
    sources = [reply["sources"] for reply in answer["replies"]]
    if turn.sourced and not all(cited and all(source["as_of"] for source in cited) for cited in sources):
        yield "expected dated sources"
    yield from (
        f"expected a button {value}" for value in turn.offers or () if not any(_is(c, value) for c in answer.choices)
    )
    for words in turn.has or ():
        if words.replace("{receipt}", receipt) not in answer.text:
            yield f"expected “{words}” in the text"
    yield from (f"did not expect “{words}” in the text" for words in turn.hasnt or () if words in answer.text)


def _is(value: str, named: str | None) -> bool:
    return value == named or value.startswith(f"{named}:")
