"""What can be chosen for a suggestion, as the console names it: commitments, themes, districts, colleagues."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, commitments
from flows.accounts import Colleague
from flows.city import city
from flows.wording import Lang


async def commitment_labels(tx: AsyncSession, lang: Lang) -> dict[str, str]:
    return {code: name.of(lang) for code, name in (await commitments.names(tx)).items()}


def theme_labels(lang: Lang) -> dict[str, str]:
    return {key: theme.of(lang) for key, theme in city().themes.items()}


def district_labels(lang: Lang) -> dict[str, str]:
    return {key: district.of(lang) for key, district in city().districts.items()}


def colleague_labels(everybody: Sequence[Colleague]) -> dict[int, str]:
    """Those who are still there."""
    called = accounts.names(everybody)
    return {one.staff.id: called[one.staff.id] for one in everybody if one.left_at is None}
