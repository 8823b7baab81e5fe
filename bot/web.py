"""The web process: pages, the chat's API, open data, health."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.app import Damso
from bot.channels import webchat
from bot.pages import archive, feeds, files, indicators, open_data, problems, public, staff, suggestions, tracker
from bot.pages.rendering import announced, parts
from flows.store.keeping import beats_since
from flows.suggesting import FILE_MOST_BYTES

STATIC = Path(__file__).parent / "pages" / "static"
BODY_MOST_BYTES = 64 * 1024
TAKES_FILES = ("/", "/api/chat/files", "/staff/evidence", "/staff/plan-import", "/staff/indicators")
ALIVE_WITHIN = timedelta(seconds=15)
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_app(damso: Damso) -> FastAPI:
    """The application on these parts."""
    app = FastAPI(title="Damso", version="0.1.0", openapi_url="/openapi.json", docs_url=None, redoc_url=None)
    app.state.damso = damso
    problems.install(app)
    app.include_router(webchat.router)
    app.include_router(open_data.router)
    app.include_router(feeds.router)
    app.include_router(public.router)
    app.include_router(tracker.router)
    app.include_router(archive.router)
    app.include_router(indicators.router)
    app.include_router(suggestions.router)
    app.include_router(files.router)
    app.include_router(staff.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(SmallBodies)

    @app.middleware("http")
    async def framed(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        # Here and not in the routes, so that pages which say what went wrong show it too.
        if not problems.for_programs(request) and not request.url.path.startswith("/static/"):
            request.state.announcement = await announced(request)
        response = await call_next(request)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.get("/health")
    async def health(request: Request) -> JSONResponse:
        checks = await check(parts(request))
        if checks["database"] != "ok":
            return JSONResponse({"status": "down", "checks": checks}, 503)
        status = "ok" if set(checks.values()) == {"ok"} else "degraded"
        return JSONResponse({"status": status, "checks": checks})

    return app


async def check(damso: Damso) -> dict[str, str]:
    """What works: each part `ok` or `down`."""
    if not await damso.db.is_up():
        return dict.fromkeys(("database", "nlu", "worker", "clock"), "down")
    async with damso.db.transaction() as tx:
        alive = await beats_since(tx, damso.now() - ALIVE_WITHIN)
    up = {"database": True, "nlu": await damso.understanding.is_up(), "worker": "worker" in alive}
    up["clock"] = "clock" in alive
    return {name: "ok" if works else "down" for name, works in up.items()}


class SmallBodies:
    """Refuses bodies over 64 kB before they are read whole; where files are taken, those over a file, as they come."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if scope["path"] in TAKES_FILES:
            return await self.app(scope, _counted(receive, FILE_MOST_BYTES + BODY_MOST_BYTES), send)
        parts: list[Message] = [await receive()]
        while parts[-1].get("more_body") and sum(len(part["body"]) for part in parts) <= BODY_MOST_BYTES:
            parts.append(await receive())
        if sum(len(part.get("body", b"")) for part in parts) > BODY_MOST_BYTES:
            return await problems.too_large(Request(scope))(scope, receive, send)

        async def again() -> Message:
            return parts.pop(0) if parts else await receive()

        await self.app(scope, again, send)


def _counted(receive: Receive, most_bytes: int) -> Receive:
    """Receives until it is too much, and then raises 413 where the body is read."""
    came = 0

    async def counting() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > most_bytes:
            raise HTTPException(413)
        return message

    return counting
