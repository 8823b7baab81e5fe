"""What suggestions are sorted by, as the console names it: commitments, themes, districts."""

from sqlalchemy.ext.asyncio import AsyncSession

from flows import commitments
from flows.city import city
from flows.wording import Lang


async def commitment_labels(tx: AsyncSession, lang: Lang) -> dict[str, str]:
    return {commitment.code: commitment.short.of(lang) for commitment in await commitments.all_of(tx)}


def theme_labels(lang: Lang) -> dict[str, str]:
    return {key: theme.of(lang) for key, theme in city().themes.items()}


def district_labels(lang: Lang) -> dict[str, str]:
    return {key: district.of(lang) for key, district in city().districts.items()}
