"""An Update of the Bot API as what a citizen did."""

from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, Update
from telegram import Message as Written
from telegram.constants import ChatMemberStatus, ChatType

from flows.conversation import language_of
from flows.messages import Message, clean
from flows.wording import Lang


@dataclass(frozen=True, slots=True)
class Heard:
    """What reached us from one private chat.

    `message` is None when there is nothing in it that we could read. `query` is the press of a button that Telegram
    waits to see acknowledged. `lang` is for what we say without knowing the citizen.
    """

    chat: int
    lang: Lang
    message: Message | None = None
    query: str | None = None


def chat_of(update: Update) -> int:
    """Whose turn this update is; 0 for what belongs to no chat."""
    if update.callback_query:
        return update.callback_query.from_user.id
    return update.effective_chat.id if update.effective_chat else 0


def has_left(update: Update) -> bool:
    """Whether this person has just blocked us (Bot API, ChatMemberUpdated: in a private chat, `kicked`)."""
    changed = update.my_chat_member
    if changed is None or changed.chat.type != ChatType.PRIVATE:
        return False
    return changed.new_chat_member.status == ChatMemberStatus.BANNED


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
    if message.text is None:
        return Heard(message.chat.id, lang or "ko") if message.effective_attachment else None
    written = clean(message.text)
    said = Message("telegram", str(message.chat.id), at, text=written, id=str(update_id), lang=lang)
    return Heard(message.chat.id, language_of(written) or lang or "ko", said)


def _pressed(update_id: int, query: CallbackQuery, at: datetime) -> Heard | None:
    if query.message and query.message.chat.type != ChatType.PRIVATE:
        return None
    # In a private chat, the chat and the person have the same id; an old message may be missing from the query.
    chat, lang = query.from_user.id, lang_of(query.from_user.language_code)
    choice = clean(query.data or "")
    pressed = Message("telegram", str(chat), at, choice=choice, id=str(update_id), lang=lang) if choice else None
    return Heard(chat, lang or "ko", pressed, query.id)
