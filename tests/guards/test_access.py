"""Who may use which address: a new route belongs in this table before it is served."""

import re
from collections.abc import Iterator
from enum import StrEnum
from types import SimpleNamespace

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from bot.web import create_app
from flows.accounts import Role
from tests.city import City, StaffBrowser

CODE = "KRGNJ0001"


class Who(StrEnum):
    ANYBODY = "anybody"
    SIGNED = "anybody, with the platform's own secret"
    STAFF = "staff"
    EDITORS = "editors"
    ADMINS = "administrators"


ACCESS: dict[str, Who] = {
    # pages for citizens
    "GET /": Who.ANYBODY,
    "POST /": Who.ANYBODY,
    "GET /commitments": Who.ANYBODY,
    "GET /commitments/{code}": Who.ANYBODY,
    "GET /commitments/{code}/card": Who.ANYBODY,
    "GET /commitments/{code}/picture.png": Who.ANYBODY,
    "GET /commitments/{code}/feed.atom": Who.ANYBODY,
    "GET /commitments/{code}/calendar.ics": Who.ANYBODY,
    "GET /updates": Who.ANYBODY,
    "GET /updates/{of}/{which}": Who.ANYBODY,
    "GET /suggestions": Who.ANYBODY,
    "GET /suggestions/{receipt}": Who.ANYBODY,
    "GET /files/{number}": Who.ANYBODY,
    "GET /evidence/{number}": Who.ANYBODY,
    "GET /open-data": Who.ANYBODY,
    "GET /privacy": Who.ANYBODY,
    "GET /figures": Who.ANYBODY,
    "GET /figures.csv": Who.ANYBODY,
    "GET /figures/{code}": Who.ANYBODY,
    "GET /figures/{code}.csv": Who.ANYBODY,
    "GET /figures/{code}.png": Who.ANYBODY,
    "GET /static": Who.ANYBODY,
    # the chat and open data
    "POST /api/chat": Who.ANYBODY,
    "GET /api/chat/messages": Who.ANYBODY,
    "POST /api/chat/files": Who.ANYBODY,
    "GET /api/commitments": Who.ANYBODY,
    "GET /api/commitments/{code}": Who.ANYBODY,
    "GET /api/commitments/{code}/changes": Who.ANYBODY,
    "GET /api/plans/{code}/changes": Who.ANYBODY,
    "GET /api/plans": Who.ANYBODY,
    "GET /api/updates": Who.ANYBODY,
    "GET /api/suggestions": Who.ANYBODY,
    "GET /api/suggestions/{receipt}": Who.ANYBODY,
    "GET /api/topics": Who.ANYBODY,
    "GET /api/indicators": Who.ANYBODY,
    "GET /api/indicators/{code}": Who.ANYBODY,
    "GET /feed.atom": Who.ANYBODY,
    "GET /calendar.ics": Who.ANYBODY,
    "GET /openapi.json": Who.ANYBODY,
    "GET /health": Who.ANYBODY,
    # the console
    "GET /staff/sign-in": Who.ANYBODY,
    "POST /staff/sign-in": Who.ANYBODY,
    "GET /staff/sign-in/code": Who.ANYBODY,
    "POST /staff/sign-in/code": Who.ANYBODY,
    "GET /staff/password/{token}": Who.ANYBODY,
    "POST /staff/password/{token}": Who.ANYBODY,
    "GET /staff/sign-out": Who.STAFF,
    "POST /staff/sign-out": Who.STAFF,
    "GET /staff": Who.STAFF,
    "GET /staff/queue/counts": Who.STAFF,
    "GET /staff/queue/{form:path}": Who.STAFF,
    "POST /staff/queue/next": Who.STAFF,
    "POST /staff/queue/take": Who.STAFF,
    "POST /staff/queue/bulk": Who.STAFF,
    "POST /staff/queue/filters": Who.STAFF,
    "POST /staff/queue/filters/{number}/delete": Who.STAFF,
    "GET /staff/suggestions/{receipt}/holder": Who.STAFF,
    "POST /staff/suggestions/{receipt}/holder": Who.STAFF,
    "POST /staff/suggestions/{receipt}/looking": Who.STAFF,
    "GET /staff/suggestions/{receipt}": Who.STAFF,
    "POST /staff/suggestions/{receipt}": Who.STAFF,
    "GET /staff/files/{number}": Who.STAFF,
    "POST /staff/files/{number}": Who.STAFF,
    "GET /staff/templates": Who.EDITORS,
    "POST /staff/templates": Who.EDITORS,
    "GET /staff/content": Who.STAFF,
    "GET /staff/content/{name}": Who.STAFF,
    "GET /staff/content/{name}/edit": Who.EDITORS,
    "POST /staff/content/{name}/edit": Who.EDITORS,
    "GET /staff/content/{name}/texts/{number}": Who.STAFF,
    "POST /staff/content/{name}/texts/{number}": Who.EDITORS,
    "GET /staff/intents": Who.STAFF,
    "GET /staff/intents/{intent}": Who.STAFF,
    "POST /staff/intents/{intent}": Who.STAFF,
    "GET /staff/enquiries": Who.STAFF,
    "GET /staff/enquiries/{number}": Who.STAFF,
    "POST /staff/enquiries/{number}": Who.STAFF,
    "GET /staff/questions": Who.STAFF,
    "POST /staff/questions/label": Who.STAFF,
    "POST /staff/questions/decide": Who.EDITORS,
    "GET /staff/me": Who.STAFF,
    "POST /staff/me": Who.STAFF,
    "GET /staff/me/second-factor": Who.STAFF,
    "POST /staff/me/second-factor": Who.STAFF,
    "GET /staff/accounts": Who.ADMINS,
    "POST /staff/accounts": Who.ADMINS,
    "GET /staff/accounts/{number}": Who.ADMINS,
    "POST /staff/accounts/{number}": Who.ADMINS,
    "GET /staff/schedules": Who.ADMINS,
    "GET /staff/schedules/{name}": Who.ADMINS,
    "POST /staff/schedules/{name}": Who.ADMINS,
    "GET /staff/chats": Who.ADMINS,
    "POST /staff/chats": Who.ADMINS,
    "GET /staff/audit": Who.ADMINS,
    "GET /staff/audit/export": Who.ADMINS,
    "GET /staff/figures": Who.STAFF,
    "GET /staff/figures/suggestions.{form}": Who.STAFF,
    "GET /staff/models": Who.EDITORS,
    "GET /staff/models/{name}": Who.EDITORS,
    "POST /staff/models/{name}": Who.ADMINS,
    "GET /staff/updates": Who.EDITORS,
    "POST /staff/updates": Who.EDITORS,
    "GET /staff/updates/{number}": Who.EDITORS,
    "POST /staff/updates/{number}": Who.EDITORS,
    "GET /staff/updates/{number}/publish": Who.EDITORS,
    "POST /staff/updates/{number}/publish": Who.EDITORS,
    "GET /staff/indicators": Who.EDITORS,
    "POST /staff/indicators": Who.EDITORS,
    "GET /staff/broadcasts": Who.EDITORS,
    "GET /staff/broadcasts/{notice}": Who.EDITORS,
    "POST /staff/broadcasts/{notice}/pause": Who.EDITORS,
    "POST /staff/broadcasts/{notice}/resume": Who.EDITORS,
    "POST /staff/broadcasts/{notice}/retry": Who.EDITORS,
    "GET /staff/broadcasts/{notice}/{form:path}": Who.EDITORS,
    "GET /staff/announcement": Who.EDITORS,
    "POST /staff/announcement": Who.EDITORS,
    "GET /staff/announcement/stop": Who.EDITORS,
    "POST /staff/announcement/stop": Who.EDITORS,
    "GET /staff/commitments": Who.EDITORS,
    "GET /staff/commitments/{code}": Who.EDITORS,
    "GET /staff/commitments/{code}/{form}": Who.EDITORS,
    "POST /staff/commitments/{code}/draft": Who.EDITORS,
    "POST /staff/commitments/{code}/level": Who.EDITORS,
    "POST /staff/commitments/{code}/status": Who.EDITORS,
    "POST /staff/commitments/{code}/many": Who.EDITORS,
    "POST /staff/commitments/{code}/milestones": Who.EDITORS,
    "GET /staff/commitments/{code}/milestones/{number}": Who.EDITORS,
    "POST /staff/commitments/{code}/milestones/{number}": Who.EDITORS,
    "GET /staff/evidence": Who.EDITORS,
    "POST /staff/evidence": Who.EDITORS,
    "GET /staff/plan-import": Who.EDITORS,
    "POST /staff/plan-import": Who.EDITORS,
    "GET /staff/plan-tasks": Who.EDITORS,
    "GET /staff/plan-tasks/{number}": Who.EDITORS,
    "POST /staff/plan-tasks/{number}": Who.EDITORS,
    "GET /staff/plans/{code}.{form}": Who.EDITORS,
}
ROLES = {Who.STAFF: Role.REVIEWER, Who.EDITORS: Role.EDITOR, Who.ADMINS: Role.ADMIN}
CONSOLE = [route for route, who in ACCESS.items() if who in ROLES]
READING = [route.split()[1] for route in CONSOLE if route.startswith("GET")]
SENDING = [route.split()[1] for route in CONSOLE if route.startswith("POST")]


def served(app: FastAPI) -> Iterator[str]:
    """`METHOD /path` of everything that answers."""
    for route in iter_route_contexts(app.routes):
        # A mounted application and a websocket name no methods.
        yield from (f"{method} {route.path}" for method in (route.methods or {"GET"}) - {"HEAD"})


def at(path: str) -> str:
    """An address that the path stands for."""
    if path == "/static":
        return "/static/style.css"
    return re.sub(r"\{(\w+)[^}]*\}", lambda m: {"code": CODE, "receipt": "GJ-7K3M-9PQ2"}.get(m[1], "1"), path)


def test_every_route_is_in_the_access_table_and_the_reverse() -> None:
    routes = {*served(create_app(SimpleNamespace()))}  # type: ignore[arg-type]  # routes are made without the parts
    assert not routes - {*ACCESS}, f"say in this guard's ACCESS who may use {sorted(routes - {*ACCESS})}"
    assert not {*ACCESS} - routes, f"in this guard's ACCESS, but not served: {sorted({*ACCESS} - routes)}"


def test_all_that_is_not_for_anybody_lies_in_the_console() -> None:
    assert all(route.split()[1].startswith("/staff") for route in CONSOLE)


async def test_what_is_for_anybody_needs_no_sign_in(city: City) -> None:
    for route, who in ACCESS.items():
        method, path = route.split()
        if who is Who.ANYBODY:
            response = await city.http.request(method, at(path))
            assert response.status_code in (200, 303, 404, 409, 422), f"{route}: {response.status_code}"
            assert "damso_staff" not in response.headers.get("set-cookie", "")


async def test_the_console_leads_whoever_is_not_signed_in_to_the_door(city: City) -> None:
    for path in READING:
        response = await city.http.get(at(path))
        assert response.status_code == 303, f"GET {path}: {response.status_code}"
        assert response.headers["location"].startswith("/staff/sign-in"), f"GET {path}"
    for path in SENDING:
        response = await city.http.post(at(path), data={"csrf": "x"})
        assert response.status_code in (303, 403), f"POST {path}: {response.status_code}"
        assert response.headers.get("location", "/staff/sign-in").startswith("/staff/sign-in"), f"POST {path}"
    assert await rows(city) == (0, 0), "somebody who is not signed in changed something"


async def test_a_form_without_its_token_or_from_elsewhere_is_refused(city: City) -> None:
    staff = await city.staff()
    token = await staff.csrf()
    for path in SENDING:
        for form, headers in (
            ({}, {}),
            ({"csrf": "a guess"}, {}),
            ({"csrf": token}, {"sec-fetch-site": "cross-site"}),
            ({"csrf": token}, {"origin": "https://elsewhere.example"}),
        ):
            response = await staff.http.post(at(path), data=form, headers=headers)
            assert response.status_code == 403, f"POST {path} with {form} {headers}: {response.status_code}"
    assert await rows(city) == (0, 0), "a forged form changed something"
    assert (await staff.get("/staff")).status_code == 200, "a forged form signed somebody out"


async def test_each_role_may_do_what_the_table_says_and_no_more(city: City) -> None:
    for role in Role:
        who = await city.staff(role, f"{role}@example.org")
        for route in CONSOLE:
            if route.endswith("/sign-out"):
                continue
            expected = {200, 303, 404, 409, 422} if role.covers(ROLES[ACCESS[route]]) else {403}
            assert await status(who, route) in expected, f"{role} at {route}"


async def test_a_session_ends_at_the_door(city: City) -> None:
    staff = await city.staff()
    cookies = dict(staff.http.cookies)
    await staff.post("/staff/sign-out")
    staff.http.cookies.update(cookies)
    assert (await staff.get("/staff")).status_code == 303, "the old cookie still opens the console"


async def status(who: StaffBrowser, route: str) -> int:
    method, path = route.split()
    response = await (who.get(at(path)) if method == "GET" else who.post(at(path)))
    return response.status_code


async def rows(city: City) -> tuple[int, int]:
    """What only staff make: updates and milestones."""
    return await city.scalar("SELECT count(*) FROM updates"), await city.scalar("SELECT count(*) FROM milestones")
