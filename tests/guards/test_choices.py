"""Every button that the bot shows leads somewhere: press them all."""

import re
from collections import deque
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest

from flows.accounts import Role
from flows.answering import read_topics
from flows.answering.unsure import ACTIONS
from flows.delivering import Outcome, Parcel
from flows.messages import CHOICE_VALUE_MAX_BYTES
from flows.routes import BUTTONS, COMMANDS, ROUTES
from flows.suggesting import Status, next_for
from flows.wording import LANGS, Lang
from tests.city import Citizen, City, StaffBrowser
from tests.reviewing.desk import act

CODE = "KRGNJ0001"
WORDS = {"ko": "버스 정류장에 그늘막을 늘려 주세요", "en": "Please put up more shade at the bus stops"}
UNCLEAR = {"ko": "탄소중립 예산 참여", "en": "climate budget participation"}
RECEIPT = re.compile(r"GJ-[0-9A-Z]{4}-[0-9A-Z]{4}")
NOTHING_OPEN = "nothing open"
DEEPEST, DEEPEST_ELSEWHERE = 6, 2  # presses after the beginning; what a state changes shows at once

# What a citizen did before: `!value` is a pressed button, all else is written. Stories of one state share what was
# pressed in it: the same button is pressed once in each state.
START, SKIP, CONFIRM = "!submit_suggestion:start", "!submit_suggestion:skip", "!submit_suggestion:confirm"
SENT = (START, "{words}", SKIP, CONFIRM)
STORIES: dict[str, list[tuple[str, ...]]] = {
    NOTHING_OPEN: [
        ("!menu",),
        ("{unclear}",),
        *((f"!{name}",) for name in ROUTES),
        *((f"!ask:{name}",) for name in read_topics()),
        *((f"!{value}",) for _, value in ACTIONS.values()),
        *((word,) for word in COMMANDS),
    ],
    "follows one": [(f"!subscribe:{CODE}:weekly", f"!{name}") for name in ROUTES],
    "follows two": [
        (f"!subscribe:{CODE}", "!subscribe:all:monthly", f"!{name}")
        for name in ("subscribe", "unsubscribe", "subscription_settings")
    ],
    "writes the text": [(START,)],
    "chooses a place": [(START, "{words}"), (START, "{words}", "/menu")],
    "is to confirm": [(START, "{words}", SKIP)],
    "adds a place": [(START, "{words}", SKIP, "!submit_suggestion:place")],
    "adds a name": [(START, "{words}", SKIP, "!submit_suggestion:name")],
    "writes to staff": [("!ask_staff",)],
    "is to confirm to staff": [("!ask_staff", "{words}")],
    "has sent one": [SENT, *((*SENT, f"!{name}") for name in ROUTES)],
    "has sent two": [
        (*SENT, START, "{words} 2", SKIP, CONFIRM, f"!{name}")
        for name in ("my_suggestions", "suggestion_status", "edit_suggestion", "withdraw_suggestion")
    ],
}


@dataclass
class Crawler:
    """Presses every button of one language, breadth first; each in a fresh chat that first goes the way to it.

    A receipt stands in a way as `{0}`, `{1}`: every chat has receipts of its own.
    """

    city: City
    lang: Lang
    pressed: dict[str, set[str]] = field(default_factory=dict)

    async def crawl(self, state: str, beginning: tuple[str, ...]) -> None:
        pressed, waiting = self.pressed.setdefault(state, set()), deque([beginning])
        longest = len(beginning) + (DEEPEST if state == NOTHING_OPEN else DEEPEST_ELSEWHERE)
        while waiting:
            way = waiting.popleft()
            for value in await self._buttons_after(way):
                if state != NOTHING_OPEN and value.startswith(("ask:", "rate:")):
                    continue  # an answer and its rating are the same in every state
                if value not in pressed and len(way) < longest:
                    pressed.add(value)
                    waiting.append((*way, f"!{value}"))

    async def _buttons_after(self, way: tuple[str, ...]) -> list[str]:
        citizen, receipts = self.city.citizen(self.lang), list[str]()
        for step in way:
            said = step.format(*receipts, words=WORDS[self.lang], unclear=UNCLEAR[self.lang])
            answer = await post(self.city, citizen, **({"choice": said[1:]} if said[0] == "!" else {"text": said}))
            assert "replies" in answer, f"{' → '.join(way)} ({self.lang}) is refused: {answer}"
            assert answer["replies"] and all(r["text"].strip() for r in answer["replies"]), f"silence after {way}"
            receipts += dict.fromkeys(r for r in RECEIPT.findall(str(answer)) if r not in receipts)
        choices = [choice for reply in answer["replies"] for choice in reply["choices"]]
        for choice in choices:
            check(choice["label"], choice["value"], where=f"{' → '.join(way)} ({self.lang})")
        return [RECEIPT.sub(lambda r: f"{{{receipts.index(r[0])}}}", choice["value"]) for choice in choices]


async def post(city: City, citizen: Citizen, **said: str) -> dict[str, Any]:
    """The answer or the problem, as JSON; never anything worse than a refusal."""
    session = {"session": citizen.session} if citizen.session else {}
    response = await city.http.post("/api/chat", json={"lang": citizen.lang, **session, **said})
    assert response.status_code in (200, 404, 409, 422), f"{said}: {response.status_code} {response.text}"
    answer: dict[str, Any] = response.json()
    citizen.session = answer.get("session", citizen.session)
    return answer


def check(label: str, value: str, *, where: str) -> None:
    """What holds for every button, wherever it is shown."""
    assert label.strip(), f"a button without a label for {value} after {where}"
    assert len(value.encode()) <= CHOICE_VALUE_MAX_BYTES, f"{value} is too long for Telegram, after {where}"
    head = value.split(":")[0]
    known = head in ROUTES or head in BUTTONS or value.removeprefix("ask:") in read_topics()
    assert known, f"{value} has no handler, after {where}"


@pytest.mark.parametrize("lang", LANGS)
async def test_every_button_is_answered(city: City, lang: Lang) -> None:
    crawler = Crawler(city, lang)
    for state, beginnings in STORIES.items():
        for beginning in beginnings:
            await crawler.crawl(state, beginning)
        assert crawler.pressed[state], f"no button at all: {state}"
    unreached = {f"ask:{name}" for name in read_topics()} - crawler.pressed[NOTHING_OPEN]
    assert not unreached, f"no button leads to {unreached}"


@pytest.mark.parametrize("lang", LANGS)
async def test_buttons_pressed_late_or_by_somebody_else_or_garbled_are_refused_in_words(city: City, lang: Lang) -> None:
    """Old messages keep their buttons, and a client may send what it likes."""
    mina, jisu = city.citizen(lang), city.citizen(lang)
    receipt = await mina.suggest(WORDS[lang])
    values = [
        *ROUTES,
        *BUTTONS,
        *(value for _, value in ACTIONS.values()),
        *(
            f"submit_suggestion:{part}"
            for part in (
                "skip",
                "confirm",
                "anyway",
                "edit",
                "resume",
                "cancel",
                "theme:energy",
                "place",
                "district:bukgu",
                "nowhere",
                "no_files",
            )
        ),
        *(
            f"{head}:{receipt}{tail}"
            for head in ("edit_suggestion", "withdraw_suggestion")
            for tail in ("", ":confirm")
        ),
        *(f"{head}:{receipt}{tail}" for head in ("support", "contest", "reply") for tail in ("", ":undo")),
        f"really_done:{receipt}:yes",
        *("subscribe:app", "subscribe:app:KRGNJ0001", "subscribe:all:weekly", "unsubscribe:KRGNJ0001", "forget_me:no"),
    ]
    garbled = [f"{value}{tail}" for value in values for tail in ("", ":", ":x", ":🙂:", ":all:daily")]
    for value in garbled:
        for who in (mina, jisu):
            answer = await post(city, who, choice=value)
            assert answer.get("detail") or answer["replies"], f"{value}: silence"


@dataclass
class Postbox:
    """A sender that keeps what it is given: the web's mailbox shows no buttons."""

    parcels: list[Parcel] = field(default_factory=list)

    async def send(self, parcel: Parcel) -> Outcome:
        self.parcels.append(parcel)
        return Outcome("sent")


@pytest.mark.parametrize("lang", LANGS)
async def test_every_button_under_an_alert_is_answered(city: City, lang: Lang) -> None:
    crawler, postbox = Crawler(city, lang), Postbox()
    city.damso.senders["web"] = postbox  # type: ignore[index]  # a dict, and this test's own
    for way in ("instant", "weekly", "monthly"):
        await city.citizen(lang).press(f"subscribe:{CODE}:{way}")
    await city.citizen(lang).press("subscribe:all:instant")
    await city.work_until_idle()
    city.clock.forward(hours=1)
    await city.publish(CODE, ko="소식", en="News")
    await city.work_until_idle()
    city.clock.set("2026-04-01 10:00")
    await city.work_until_idle()
    choices = [(parcel, choice) for parcel in postbox.parcels for choice in parcel.reply.choices]
    assert {parcel.kind for parcel, _ in choices} == {"update", "digest"}
    for parcel, choice in choices:
        check(choice.label, choice.value, where=f"an alert ({parcel.kind})")
        await crawler.crawl(NOTHING_OPEN, (f"!{choice.value}",))
        await crawler.crawl("follows one", (f"!subscribe:{CODE}", f"!{choice.value}"))


@pytest.mark.parametrize("lang", LANGS)
async def test_every_button_on_the_pages_is_answered(city: City, lang: Lang) -> None:
    crawler = Crawler(city, lang)
    for asked in ("", f"&follow={CODE}", "&follow=all", "&suggest=1"):
        page = f"/?lang={lang}{asked}"
        html = (await city.http.get(page)).text
        values = re.findall(r'name="choice" value="([^"]*)">([^<]*)<', html)
        assert values, f"no button on {page}"
        for value, label in values:
            check(unescape(label), unescape(value), where=page)
            await crawler.crawl(NOTHING_OPEN, (f"!{unescape(value)}",))


@pytest.mark.parametrize("lang", LANGS)
async def test_every_button_under_similar_suggestions_is_answered(city: City, lang: Lang) -> None:
    staff, crawler = await city.staff(), Crawler(city, lang)
    await act(city, staff, await city.citizen(lang).suggest(WORDS[lang]), "publish")
    await city.work_until_idle()
    await crawler.crawl("is shown similar ones", (START, "{words}"))
    assert "support:{0}:undo" in crawler.pressed["is shown similar ones"]


@pytest.mark.parametrize("lang", LANGS)
async def test_every_button_of_a_suggestion_in_any_state_is_answered(city: City, lang: Lang) -> None:
    """Whatever staff did to it: its author, who is told of it, and everybody else get on from its receipt."""
    staff = await city.staff()
    other = await city.citizen(lang).suggest(WORDS[lang])
    sent: dict[Status, tuple[Citizen, str]] = {}
    for last, path in paths().items():
        mina = city.citizen(lang)
        sent[last] = mina, await mina.suggest(f"{WORDS[lang]} {last}")
        for to in path[1:]:
            await bring(city, staff, sent[last][1], to, other)
    await city.work_until_idle()
    for last, (mina, receipt) in sent.items():
        told = [choice["value"] for message in await mina.inbox() for choice in message["choices"]]
        assert told or last is Status.RECEIVED, f"nobody was told of {last}"
        seen = (await mina.press(f"suggestion_status:{receipt}")).choices
        for value in [*told, *seen]:
            await post(city, mina, choice=value)
            await mina.press("submit_suggestion:cancel")
        stranger = city.citizen(lang)
        for value in (await stranger.press(f"suggestion_status:{receipt}")).choices:
            await stranger.press(value)
        for value in (await city.citizen(lang).press("browse_suggestions")).choices:
            await city.citizen(lang).press(value)


async def bring(city: City, staff: StaffBrowser, receipt: str, to: Status, other: str) -> None:
    """Take a suggestion to a state; `other` is one that it could be merged into."""
    forms = {
        Status.AUTHOR_ASKED: ("ask", {"question": "Where?"}),
        Status.MERGED: ("merge", {"target": other}),
        Status.HIDDEN: ("hide", {"reason_ko": "이유", "reason_en": "A reason"}),
        Status.IN_REVIEW: ("decide", {"to": to}),
    }
    name, form = forms.get(to, ("decide", {"to": to, "answer_ko": "답변", "answer_en": "An answer"}))
    assert (await act(city, staff, receipt, name, **form)).status_code == 303


def paths() -> dict[Status, tuple[Status, ...]]:
    """A way from `received` to each state that staff can bring a suggestion to."""
    found = {Status.RECEIVED: (Status.RECEIVED,)}
    waiting = deque([Status.RECEIVED])
    while waiting:
        at = waiting.popleft()
        for to in next_for(Role.ADMIN, at):
            if to not in found:
                found[to] = (*found[at], to)
                waiting.append(to)
    return found
