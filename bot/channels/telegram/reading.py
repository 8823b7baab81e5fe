"""An Update of the Bot API as what a citizen did."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, Document, PhotoSize, Update
from telegram import Message as Written
from telegram.constants import ChatMemberStatus, ChatType

from flows.conversation import language_of
from flows.messages import Message, Point, clean
from flows.wording import Lang


@dataclass(frozen=True, slots=True)
class Posted:
    """A photo or a document that is still with Telegram, and what it makes a message once it is here."""

    id: str
    size_bytes: int
    as_message: Callable[[bytes], Message]


@dataclass(frozen=True, slots=True)
class Heard:
    """What reached us from one private chat.

    `message` is None when there is nothing in it that we could read, or a `file` to fetch first. `query` is the press
    of a button that Telegram waits to see acknowledged. `lang` is for what we say without knowing the citizen.
    """

    chat: int
    lang: Lang
    message: Message | None = None
    query: str | None = None
    file: Posted | None = None


GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
# The links of the console bring the first form, people write the second; in a group both may name the bot.
JOINS = re.compile(r"/(?:start(?:@\w+)? staff-|join(?:@\w+)? )(?P<code>[0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody wrote the code that makes this chat one of the staff's. `title`: of a group."""

    chat: int
    code: str
    title: str | None
    lang: Lang


def chat_of(update: Update) -> int:
    """Whose turn this update is; 0 for what belongs to no chat."""
    if update.callback_query:
        return update.callback_query.from_user.id
    return update.effective_chat.id if update.effective_chat else 0


def has_left(update: Update) -> bool:
    """Whether this person has just blocked us (Bot API, ChatMemberUpdated: in a private chat, `kicked`), or a group
    has taken us out.
    """
    changed = update.my_chat_member
    if changed is None:
        return False
    status = changed.new_chat_member.status
    return status == ChatMemberStatus.BANNED or (changed.chat.type in GROUPS and status == ChatMemberStatus.LEFT)


def moved_to(update: Update) -> int | None:
    """The new id of a group that has become a supergroup (Bot API, Message, migrate_to_chat_id)."""
    return update.message.migrate_to_chat_id if update.message else None


def joining(update: Update) -> Joining | None:
    """The code of the staff's that was written, in a group too: the only thing there that is for us."""
    message = update.message
    written = JOINS.fullmatch(clean(message.text)) if message and message.text else None
    if message is None or written is None or message.chat.type not in (ChatType.PRIVATE, *GROUPS):
        return None
    lang = lang_of(message.from_user.language_code if message.from_user else None) or "ko"
    title = None if message.chat.type == ChatType.PRIVATE else message.chat.title or ""
    return Joining(message.chat.id, written["code"], title, lang)


def read(update: Update, at: datetime) -> Heard | None:
    """What `update` says, or None when it is none of ours: groups, edits, service messages, blocking."""
    if update.callback_query:
        return _pressed(update.update_id, update.callback_query, at)
    if update.message and update.message.chat.type == ChatType.PRIVATE:
        return _written(update.update_id, update.message, at)
    return None


def lang_of(code: str | None) -> Lang | None:
    """The language of somebody's Telegram (an IETF tag), as far as we speak it."""
    if not code:
        return None
    return "ko" if code.lower().split("-")[0] == "ko" else "en"


def _written(update_id: int, message: Written, at: datetime) -> Heard | None:
    lang = lang_of(message.from_user.language_code if message.from_user else None)
    if message.location:
        point = Point(message.location.latitude, message.location.longitude)
        sent = Message("telegram", str(message.chat.id), at, point=point, id=str(update_id), lang=lang)
        return Heard(message.chat.id, lang or "ko", sent)
    if file := _file_of(message):
        return _posted(update_id, message, file, lang, at)
    if message.text is None:
        return Heard(message.chat.id, lang or "ko") if message.effective_attachment else None
    written = clean(message.text)
    said = Message("telegram", str(message.chat.id), at, text=written, id=str(update_id), lang=lang)
    return Heard(message.chat.id, language_of(written) or lang or "ko", said)


def _file_of(message: Written) -> PhotoSize | Document | None:
    if message.photo:  # in several sizes
        return max(message.photo, key=lambda size: size.width * size.height)
    return None if message.animation else message.document  # an animation names itself a document too


def _posted(update_id: int, message: Written, file: PhotoSize | Document, lang: Lang | None, at: datetime) -> Heard:
    chat, caption = message.chat.id, clean(message.caption or "") or None

    def as_message(data: bytes) -> Message:
        return Message("telegram", str(chat), at, text=caption, file=data, id=str(update_id), lang=lang)

    posted = Posted(file.file_id, file.file_size or 0, as_message)
    return Heard(chat, language_of(caption or "") or lang or "ko", file=posted)


def _pressed(update_id: int, query: CallbackQuery, at: datetime) -> Heard | None:
    if query.message and query.message.chat.type != ChatType.PRIVATE:
        return None
    # In a private chat, the chat and the person have the same id; an old message may be missing from the query.
    chat, lang = query.from_user.id, lang_of(query.from_user.language_code)
    choice = clean(query.data or "")
    pressed = Message("telegram", str(chat), at, choice=choice, id=str(update_id), lang=lang) if choice else None
    return Heard(chat, lang or "ko", pressed, query.id)
