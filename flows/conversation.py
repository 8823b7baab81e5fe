"""The one way in: a Message from a citizen becomes Replies.

Understand first (no transaction open), then lock the citizen's row, then decide and write, then reply.
"""

import re
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from flows import announcing, answering, citizens, subscribing, suggesting
from flows.city import danger_in
from flows.errors import Invalid
from flows.meaning import meaning_of
from flows.messages import TEXT_MAX_CHARS, Answered, Choice, Message, Picture, Reply, Turn, UnknownChoice
from flows.routes import ALWAYS, BUTTONS, COMMANDS, ROUTES
from flows.spelling import as_meant
from flows.store import Database
from flows.store.files import Files
from flows.store.keeping import limit
from flows.subscribing import as_code
from flows.topics import Source
from flows.understanding import AWAY, FALLBACK, Intent, Understanding, Understood
from flows.wording import N_, Lang

SURE = 1.0
MINUTE = timedelta(minutes=1)
DEEP_LINK = re.compile(r"^/start (?:follow-(?P<follow>[\w-]+)|support-(?P<support>[\w-]+)|test-(?P<test>\w+))$")
QUESTION_KO = re.compile(
    r"[?？]|(?:나요|가요|까요|니까|는지|는가|은가|인가|을까|ㄹ까|냐|니|어디|언제|누가|누구|뭐야|뭔데|뭐예요|무엇|얼마|어떻게|왜)\W*$"
    r"|^(?:언제|어디|누가|누구|왜|뭐|무엇|얼마|어떻게)"
)
QUESTION_EN = re.compile(r"\?|^(?:what|when|where|who|why|how|which|is|are|do|does|did|can|could|tell me)\b", re.I)
SENTENCE_END = re.compile(r"(?<=[?？!！。])\s*|(?<=\.)\s+|\n+|\s+(?:아 )?(?:그리고|그리구)\s+|,?\s+and also,?\s+", re.I)
MOST_SENTENCES, MOST_QUESTIONS = 4, 2
ANNOUNCED_AGAIN = {"greet", "menu"}
SMALL_TALK = {"greet", "thank", "goodbye", "affirm", "deny"}
LIVE_ANSWERS = {"commitment_status", "list_commitments", "upcoming_milestones", "latest_updates", "browse_suggestions"}
ONE_ENGLISH_WORD = {"hello", "hi", "hey", "help", "thanks", "bye", "yes", "no", "menu", "cancel", "english", "stop"}


class Empty(Invalid):
    field = "text"
    message = N_("There was nothing to read. Please write your question or choose a button.")


class MessageTooLong(Invalid):
    field = "text"
    message = N_("Please keep a message to {most} characters.")


class Conversation:
    """Answers citizens, whatever their channel."""

    def __init__(
        self,
        db: Database,
        understanding: Understanding,
        files: Files,
        *,
        public_url: str = "",
        per_citizen: int = 0,
        is_demo: bool = False,
    ) -> None:
        """`per_citizen`: messages a minute that one citizen may send; 0 means no limit."""
        self._db, self._understanding, self._answers = db, understanding, answering.InUse()
        self._public_url, self._per_citizen, self._is_demo = public_url, per_citizen, is_demo
        self._intake = suggesting.Intake(db, files)

    async def receive(self, message: Message) -> Answered:
        """Answer one message. The same message id again gets the first answer and has no second effect.

        Raises Empty, MessageTooLong, UnknownChoice, TooMany, what Intake.take and the handlers refuse; then no row is
        written.
        """
        _check(message)
        if message.text and not suggesting.read_receipt(message.text):  # `gj rptj eptn` is no Hangul on English keys
            message = replace(message, text=as_meant(message.text))
        who = f"{message.channel}:{message.address}"
        if self._per_citizen:
            async with self._db.transaction() as tx:
                await limit(tx, message.at, MINUTE, chat=(who, self._per_citizen))
        attached = None
        if message.file is not None and not danger_in(message.text or ""):
            attached = await self._intake.take(who, message.file, at=message.at)
        understood, asked = await self._understand(message)
        # The vector is for search alone. With the model away, search does by words: no more work for a busy machine.
        search_by_meaning = understood.available and not understood.is_sure and not asked
        meaning = await meaning_of(message.text or "") if search_by_meaning else None
        spoken = language_of(message.text or "")
        async with self._db.transaction() as tx:
            lang = spoken or message.lang or "ko"
            current, edition = announcing.current_id(message.at), answering.edition()
            citizen = await citizens.arrive(tx, message, lang, current, edition)
            if message.id and (first := await citizens.answered(tx, citizen.id, message.id, at=message.at)):
                return _read(first)
            if suggesting.asks_name(citizen.step):
                spoken = None
            turn = Turn(
                tx=tx,
                citizen=citizen,
                message=message,
                understood=understood,
                lang=spoken or citizen.lang,
                # Chosen once, kept: a sentence in the other language then changes only its own answer.
                speaks=citizen.lang if citizen.lang_chosen else spoken or citizen.lang,
                step=citizen.step,
                topic=citizen.topic,
                topics=await self._answers.at(tx, citizen.edition),
                others=citizen.others,
                lang_chosen=citizen.lang_chosen,
                plain=citizen.plain,
                meaning=meaning,
                attached=attached,
            )
            replies, intents = await _reply(turn, asked)
            if citizen.came_back and not turn.forgotten:
                replies += await subscribing.welcome_back(turn)
            answered = Answered(turn.lang, intents, self._finish(turn, replies, await _announcement(turn, intents)))
            if not turn.forgotten:
                await citizens.leave(tx, turn)
            if message.id and not turn.forgotten:
                await citizens.answered(tx, citizen.id, message.id, asdict(answered), at=message.at)
        return answered

    def _finish(self, turn: Turn, replies: list[Reply], announcement: Reply | None) -> tuple[Reply, ...]:
        """The privacy notice under a chat's first answer, an announcement, the mark of a demonstration on all."""
        if turn.citizen.is_new and replies:
            notice = N_("What is kept, and for how long: {page}. Please write no personal data here.")
            said = turn.say(notice, page=f"{self._public_url}/privacy")
            replies[0] = replace(replies[0], text=f"{replies[0].text}\n\n{said}")
        if announcement:
            # The one thing that may stand before a first answer; only words of danger to life come before it.
            replies.insert(1 if danger_in(turn.text) else 0, announcement)
        if self._is_demo:
            replies = [replace(r, text=turn.say(N_("[Demonstration] {text}"), text=r.text)) for r in replies]
        return tuple(replies)

    async def _understand(self, message: Message) -> tuple[Understood, tuple[Understood, ...]]:
        """What the message means as a whole, and the questions among its sentences where they say more.

        Words with one meaning and buttons need no model.
        """
        if known := _known(message):
            return known, ()
        written = message.text or ""
        whole = await self._understanding.parse(written)
        if not whole.is_sure and suggesting.opens_suggestion(written):
            return replace(whole, intent=Intent("submit_suggestion", SURE)), ()
        parts = sentences(written)
        if len(parts) == 1 or not whole.available:
            return whole, ()
        understood = [await self._understanding.parse(part) for part in parts if looks_like_question(part)]
        questions = {u.intent.name: u for u in understood if u.is_sure and _asks(u.intent.name)}
        topics = [name.removeprefix("ask_") for name in questions if name not in LIVE_ANSWERS]
        if whole.intent.name == "plain_language" and topics:  # about this question, and not about the last answer
            return replace(whole, entities=(*whole.entities, ("topic", topics[0]))), ()
        says_little = not whole.is_sure or whole.intent.name in {*SMALL_TALK, "plain_language"}
        if says_little or (len(questions) > 1 and _asks(whole.intent.name)):
            return whole, tuple(questions.values())[:MOST_QUESTIONS]
        return whole, ()


def sentences(written: str) -> list[str]:
    """The first few sentences of a text; the whole of it when it is only one."""
    parts = [part.strip() for part in SENTENCE_END.split(written)]
    return [part for part in parts if any(c.isalnum() for c in part)][:MOST_SENTENCES] or [written]


def language_of(written: str) -> Lang | None:
    """The language of a text where it is unmistakable: Hangul, or at least two words of Latin letters and no Hangul."""
    if re.search(r"[가-힣]", written):
        return "ko"
    if written.startswith("/") or suggesting.read_receipt(written):
        return None
    words = re.findall(r"[A-Za-z][A-Za-z']+", written)
    return "en" if len(words) >= 2 or written.lower().strip(" !?.") in ONE_ENGLISH_WORD else None


def looks_like_question(written: str) -> bool:
    """Whether words in the middle of a dialogue ask something rather than answer it."""
    stripped = written.strip()
    return bool(QUESTION_KO.search(stripped) or QUESTION_EN.search(stripped))


def _known(message: Message) -> Understood | None:
    """What needs no model: a button, a command, a receipt, a link, words of danger."""
    if message.choice is not None:
        head, _, rest = message.choice.partition(":")
        return Understood(Intent(f"ask_{rest}" if head == "ask" else head, SURE))
    if message.text is None:  # a file or a place, which only a suggestion can have
        return Understood(Intent("submit_suggestion", SURE))
    written = message.text or ""
    if link := _linked(written):
        return Understood(Intent(link.partition(":")[0], SURE))
    if command := COMMANDS.get(written.lstrip("/").split("@")[0].lower()):
        return Understood(Intent(command, SURE))
    if receipt := suggesting.read_receipt(written):
        return Understood(Intent("suggestion_status", SURE), entities=(("receipt", receipt),))
    return AWAY if danger_in(written) else None


def _linked(written: str) -> str | None:
    """The button that a deep link into the chat stands for."""
    link = DEEP_LINK.match(written)
    if link is None:
        return None
    if link["test"]:
        return f"trial_chat:{link['test']}"
    return f"subscribe:{as_code(link['follow'])}:instant" if link["follow"] else f"support:{link['support']}"


def _asks(intent: str) -> bool:
    """Whether an intent is a question with an answer of its own, and not about what was just said."""
    return intent.removeprefix("ask_") in answering.read_topics() or intent in LIVE_ANSWERS


async def _announcement(turn: Turn, intents: tuple[Intent, ...]) -> Reply | None:
    """The emergency notice for who has not been shown it, and for all who come to the greeting or the menu."""
    current = turn.citizen.announcement
    if current is None or (current == turn.citizen.announced and intents[0].name not in ANNOUNCED_AGAIN):
        return None
    return Reply((await announcing.get(turn.tx, current)).said(turn.lang))


async def _reply(  # noqa: PLR0911  # one return a way in
    turn: Turn, asked: tuple[Understood, ...]
) -> tuple[list[Reply], tuple[Intent, ...]]:
    """Pick the handler: danger first, then buttons, then the open step, then what was understood."""
    if danger := danger_in(turn.text):
        return [Reply(danger.reply.of(turn.lang).strip())], (Intent("out_of_scope", SURE),)
    if turn.message.choice is not None:
        return await _pressed(turn, turn.message.choice), (turn.understood.intent,)
    if link := _linked(turn.text):
        return await _pressed(turn, link), (turn.understood.intent,)
    if turn.message.point:
        return await suggesting.take_point(turn), (turn.understood.intent,)
    if turn.attached:
        return await _with_file(turn), (turn.understood.intent,)
    if suggesting.open_draft(turn.step):
        return await _in_dialogue(turn), (turn.understood.intent,)
    if answering.writes_to_staff(turn.step) and (said := await _to_staff(turn)):
        return said, (turn.understood.intent,)
    if not asked and (said := await subscribing.wished(turn, is_question=looks_like_question(turn.text))):
        return said, (turn.understood.intent,)
    replies: list[Reply] = []
    intents: list[Intent] = []
    for understood in asked or (turn.understood,):
        turn.understood = understood
        replies += answering.with_second_thought(turn, await _by_intent(turn, understood.intent.name))
        intents.append(turn.understood.intent)
    return replies, tuple(intents)


async def _in_dialogue(turn: Turn) -> list[Reply]:
    """The open step takes the words, unless the citizen clearly wants something else; then the draft waits."""
    if button := await suggesting.button_named(turn):
        return await _pressed(turn, button)
    if not _interrupts(turn):
        return await suggesting.proceed(turn)
    replies = await _by_intent(turn, turn.understood.intent.name)
    if suggesting.open_draft(turn.step):
        replies.append(suggesting.remind(turn))
    return replies


async def _with_file(turn: Turn) -> list[Reply]:
    """Keep what was sent; words under it are answered, or are the suggestion that it goes with."""
    understood = turn.understood
    if suggesting.open_draft(turn.step):
        kept = await suggesting.take_file(turn)
        return [kept, *await (_in_dialogue(turn) if turn.text else suggesting.go_on(turn))]
    if turn.text and not (understood.is_sure and understood.intent.name != "submit_suggestion"):
        turn.understood = replace(understood, intent=Intent("submit_suggestion", understood.intent.confidence))
        begun = await suggesting.submit_suggestion(turn)
        return [await suggesting.take_file(turn), *begun]
    answered = await _by_intent(turn, understood.intent.name) if turn.text else []
    return [*answered, await suggesting.take_file(turn)]


async def _to_staff(turn: Turn) -> list[Reply]:
    """A question being written to staff takes the words, questions above all; nothing is said where they leave it."""
    leaves = _leaves(turn)
    if leaves and turn.understood.intent.name == "cancel":
        return await _pressed(turn, "ask_staff:cancel")
    if not leaves and answering.is_for_staff(turn):
        return await answering.proceed(turn)
    answering.set_aside(turn)
    return []


def _interrupts(turn: Turn) -> bool:
    """Whether the citizen clearly wants something else than to go on with the open step."""
    name = turn.understood.intent.name
    if name in ALWAYS:
        return _leaves(turn)
    if suggesting.is_for_staff(turn.step):
        return False
    known = turn.understood.is_sure and name not in ("submit_suggestion", "affirm", "deny", "out_of_scope")
    return known and looks_like_question(turn.text)


def _leaves(turn: Turn) -> bool:
    """Whether the words are one of those that leave every dialogue, and not a text that contains them."""
    intent = turn.understood.intent
    return intent.name in ALWAYS and (intent.confidence == SURE or len(turn.text) < 25)


async def _pressed(turn: Turn, choice: str) -> list[Reply]:
    head, *args = choice.split(":")
    if head != "ask_staff":
        answering.set_aside(turn)
    if head == "ask":
        turn.others = tuple(intent for intent in turn.others if intent != turn.understood.intent.name)
        return await answering.answer_topic(turn, ":".join(args))
    handler = ROUTES.get(head) or BUTTONS.get(head)
    if handler is None:
        raise UnknownChoice
    turn.args = tuple(args)
    return await handler(turn)


async def _by_intent(turn: Turn, name: str) -> list[Reply]:
    if _asks(name):
        turn.others = answering.runners_up(turn)
    if name in ROUTES:
        return await ROUTES[name](turn)
    topic = name.removeprefix("ask_")
    if name.startswith("ask_") and topic in turn.topics:
        return await answering.answer_topic(turn, topic)
    turn.understood = replace(turn.understood, intent=Intent(FALLBACK, turn.understood.intent.confidence))
    return await answering.offer(turn)


def _check(message: Message) -> None:
    if message.text is not None and not message.text:
        raise Empty
    if len(message.text or "") > TEXT_MAX_CHARS:
        raise MessageTooLong(most=TEXT_MAX_CHARS)


def _read(kept_answer: dict[str, Any]) -> Answered:
    replies = tuple(
        Reply(
            reply["text"],
            tuple(Choice(**choice) for choice in reply["choices"]),
            reply["topic"],
            tuple(Source(**source) for source in reply["sources"]),
            Picture(**picture) if (picture := reply.get("picture")) else None,
        )
        for reply in kept_answer["replies"]
    )
    return Answered(kept_answer["lang"], tuple(Intent(**intent) for intent in kept_answer["intents"]), replies)
