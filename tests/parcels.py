"""A message on its way, for the tests of a channel."""

from datetime import UTC, datetime

from flows.delivering import Parcel
from flows.messages import CitizenId, Reply
from flows.wording import as_lang

MINA = 101
NOON = datetime(2026, 3, 2, 3, tzinfo=UTC)


def parcel(reply: Reply, chat: int = MINA, lang: str = "ko") -> Parcel:
    return Parcel(
        delivery=1,
        notice=1,
        citizen=CitizenId(1),
        channel="telegram",
        address=str(chat),
        lang=as_lang(lang),
        kind="update",
        subject="KRGNJ0001/1",
        reply=reply,
        attempt=1,
        until=NOON,
    )
