"""What the stories of deciding share: a suggestion on its way, and how staff act on it."""

import httpx
import pytest

from flows.city import city as the_city
from tests.city import Citizen, City, StaffBrowser

WORDS = "버스 정류장에 그늘막을 늘려 주세요"
KO, EN = "내년에 늘리겠습니다.", "We will add more next year."


async def version(city: City, receipt: str) -> str:
    return str(await city.scalar(f"SELECT version FROM suggestions WHERE receipt = '{receipt}'"))


async def status(city: City, receipt: str) -> str:
    return str(await city.scalar(f"SELECT status FROM suggestions WHERE receipt = '{receipt}'"))


async def act(city: City, staff: StaffBrowser, receipt: str, name: str, **form: str) -> httpx.Response:
    """Press a button of the page as it is now."""
    seen = {"seen": await status(city, receipt), "version": await version(city, receipt)}
    return await staff.post(f"/staff/suggestions/{receipt}", act=name, **{**seen, **form})


async def decide(city: City, staff: StaffBrowser, receipt: str, to: str, ko: str = KO, en: str = EN) -> None:
    response = await act(city, staff, receipt, "decide", to=to, answer_ko=ko, answer_en=en)
    assert response.status_code == 303, response.text


async def told(city: City, who: Citizen) -> list[str]:
    """What somebody was sent so far."""
    await city.work_until_idle()
    return [message["text"] for message in await who.inbox()]


def with_rules(monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    """Another city's content: the same, with other rules for suggestions."""
    ours = the_city()
    theirs = ours.model_copy(update={"suggestions": ours.suggestions.model_copy(update=changed)})
    for module in ("reviewing.decision", "suggesting.rows", "suggesting.deadlines"):
        monkeypatch.setattr(f"flows.{module}.city", lambda: theirs)
