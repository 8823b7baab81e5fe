"""All that belongs to one citizen, slice by slice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from flows import citizens, suggesting
from flows.messages import Citizen, CitizenId
from flows.subscribing import Follow, follows_of
from flows.suggesting import Suggestion
from flows.wording import Lang


@dataclass(frozen=True, slots=True)
class Held:
    """Everything held about one citizen."""

    channel: str
    address: str
    lang: Lang
    since: datetime
    follows: list[Follow]
    suggestions: list[Suggestion]


async def export(tx: AsyncSession, citizen: Citizen) -> Held:
    return Held(
        channel=citizen.channel,
        address=citizen.address,
        lang=citizen.lang,
        since=await citizens.known_since(tx, citizen.id),
        follows=await follows_of(tx, citizen.id),
        suggestions=await suggesting.mine(tx, citizen.id),
    )


async def erase(tx: AsyncSession, citizen: CitizenId, *, at: datetime) -> None:
    """Erase a citizen. Suggestions lose their author; those not yet answered lose their text too."""
    await suggesting.disown(tx, citizen, at=at)
    await citizens.erase(tx, citizen)
