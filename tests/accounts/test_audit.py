"""The audit log: every act with who, what, before, after and when; nothing in it is ever changed."""

import csv
import html
import io
import json
import re

import pytest
from sqlalchemy.exc import DBAPIError

from flows import accounts
from flows.accounts import Role
from tests.accounts.people import acts, damso, number_of
from tests.city import City, StaffBrowser

CODE = "KRGNJ0001"


async def rows(staff: StaffBrowser, **params: str) -> list[dict[str, str]]:
    response = await staff.get("/staff/audit/export", **params)
    assert response.status_code == 200
    assert response.text.startswith("\ufeff"), "Excel would not read the Korean"
    return [*csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff")))]


@pytest.mark.parametrize("change", ["UPDATE audit SET action = 'nothing' RETURNING 1", "DELETE FROM audit RETURNING 1"])
async def test_nobody_changes_what_was_done(city: City, change: str) -> None:
    staff = await city.staff()
    await staff.post(f"/staff/commitments/{CODE}/status", status="limited")
    with pytest.raises(DBAPIError, match="append-only"):
        await city.scalar(change)
    assert await acts(city) == [f"commitment.limited {CODE}"]


async def test_an_act_says_what_was_before_and_after(city: City) -> None:
    staff = await city.staff()
    await staff.post(f"/staff/commitments/{CODE}/status", status="limited")
    await staff.post(f"/staff/commitments/{CODE}/status", status="complete")
    (last,) = await rows(staff, action="commitment.complete")
    assert json.loads(last["before"]) == {"state": "limited"}
    assert json.loads(last["after"]) == {"state": "complete"}
    assert (last["by"], last["target"]) == (staff.email, CODE)
    assert "limited → complete" in (await staff.get("/staff/audit")).text


async def test_a_moment_is_told_by_the_citys_clock_and_what_stays_is_not_told(city: City) -> None:
    staff = await city.staff()
    written = {"commitment": CODE, "ko": "소식", "en": "News"}
    made = await staff.post("/staff/updates", **written, publish_at="2026-03-05T10:00")
    await staff.post(
        made.headers["location"].partition("?")[0], **written, act="save", seen="1", publish_at="2026-03-06T10:00"
    )
    shown = (await staff.get("/staff/audit", action="update.changed")).text
    assert "publish_at: 2026-03-05 10:00 → 2026-03-06 10:00" in shown
    assert "expires_at" not in shown


async def test_the_log_is_filtered(city: City) -> None:
    admin, kim = await city.staff(), await city.staff(Role.EDITOR, "kim@example.org")
    await kim.post(f"/staff/commitments/{CODE}/status", status="limited")
    city.clock.set("2026-03-03 00:10")
    await admin.sign_in()
    await admin.post("/staff/me", act="name", name="이나무")
    who = str(await number_of(city, "kim@example.org"))
    of = {
        "by": {"by": who},
        "action": {"action": "staff.name"},
        "target": {"target": "KRGNJ"},
        "since": {"since": "2026-03-03"},
        "until": {"until": "2026-03-02"},
        "none": {"by": "0"},
    }
    found = {name: [row["action"] for row in await rows(admin, **params)] for name, params in of.items()}
    assert found["by"] == found["target"] == found["until"] == ["commitment.limited"]
    assert found["action"] == ["staff.name"]
    assert found["since"] == ["staff.name", *["audit.exported"] * 4], "with the export itself"
    assert found["none"] == []
    page = (await admin.get("/staff/audit", by=who)).text
    assert f'<td role="cell" data-label="대상">{CODE}' in page
    assert "staff.name</span>" not in page
    assert '공약 추진 상태 변경: 시작, 일부 진행<br><span class="meta">commitment.limited</span>' in page
    everything = (await admin.get("/staff/audit", lang="en")).text
    assert 'Changed a name<br><span class="meta">staff.name</span>' in everything


@pytest.mark.parametrize(
    "params",
    [
        {"by": "x"},
        {"by": "9" * 40},
        {"since": "yesterday"},
        {"until": "20260-01-01"},
        {"before": "-1"},
        {"target": "%"},
    ],
    ids=str,
)
async def test_a_filter_that_makes_no_sense_is_left_out(city: City, params: dict[str, str]) -> None:
    assert (await (await city.staff()).get("/staff/audit", **params)).status_code == 200


async def test_the_log_is_paged_by_key(city: City) -> None:
    staff = await city.staff()
    async with city.damso.db.transaction() as tx:
        for n in range(120):
            await accounts.audit(tx, None, "thing.done", f"thing/{n}", at=city.clock())
    seen: list[str] = []
    older: str | None = "/staff/audit"
    while older:
        page = (await staff.http.get(older)).text
        seen += re.findall(r">thing/(\d+)<", page)
        link = re.search(r'href="([^"]+)" rel="next"', page)
        older = link and html.unescape(link[1])
    assert seen == [str(n) for n in reversed(range(120))]


async def test_a_cell_is_no_formula(city: City) -> None:
    staff = await city.staff()
    await staff.post("/staff/accounts", email="=cmd|calc@example.org", role="reviewer")
    (invited, *_) = await rows(staff)
    assert invited["target"] == "'=cmd|calc@example.org"


async def test_the_log_is_exported_as_json_too_and_that_is_noted(city: City) -> None:
    staff = await city.staff()
    await staff.post("/staff/me", act="name", name="이나무")
    found = (await staff.get("/staff/audit/export", format="json", action="staff.name")).json()
    assert [(row["by"], row["action"], json.loads(row["after"])) for row in found] == [
        ("이나무", "staff.name", {"name": "이나무"})
    ]
    assert (await acts(city))[-1] == "audit.exported json"
    assert (await staff.get("/staff/audit/export", format="exe")).status_code == 404


async def test_a_long_log_is_exported_whole(city: City) -> None:
    staff = await city.staff()
    await city.scalar(
        "INSERT INTO audit (at, actor, action, target) SELECT now(), 'command line', 'thing.done', 'thing/' || n "
        "FROM generate_series(1, 1201) AS n RETURNING 1"
    )
    assert len(await rows(staff, action="thing.done")) == 1201


async def test_commands_leave_their_line_too(city: City) -> None:
    mina = city.citizen()
    await mina.suggest("버스 정류장에 그늘막을 늘려 주세요")
    address = await city.scalar("SELECT address FROM citizens")
    for words in (
        ("announce", "--ko", "하천에서 나와 주세요.", "--en", "Leave the river."),
        ("announce", "--stop"),
        ("update", "publish", CODE, "--ko", "소식입니다", "--en", "News"),
        ("staff", "add", "lee@example.org"),
        ("forget", "--yes", "--", "web", address),  # an address may begin with a dash
    ):
        code, said = await damso(city, *words)
        assert code == 0, said
    assert await acts(city) == [
        "announcement.started 1",
        "announcement.stopped 1",
        f"update.published {CODE}/1",
        "staff.added lee@example.org",
        "citizen.erased web",
    ]
    assert await city.scalar("SELECT count(*) FROM audit WHERE actor = 'command line'") == 5
    code, said = await damso(city, "audit", "export", "--format", "json")
    assert code == 0
    assert [row["by"] for row in json.loads(said)] == ["command line"] * 6
    assert address not in said
