"""What went wrong, once for every edge of the web: problem+json for programs (RFC 9457), a page for people."""

from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from bot.pages.rendering import lang_of, page
from flows.errors import Conflict, FlowError, Invalid, NotAllowed, NotFound, TooMany, Unavailable
from flows.wording import N_, Lang, as_lang, text

log = structlog.get_logger()

STATUS: dict[type[FlowError], int] = {
    Invalid: 422,
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    TooMany: 429,
    Unavailable: 503,
}
HTTP_WORDING = {
    400: N_("This request could not be read."),
    401: N_("Please sign in first."),
    403: N_("You may not do this."),
    404: N_("There is nothing here under that address."),
    405: N_("This address does not take that method."),
    413: N_("This is too large to be read."),
    500: N_("Something went wrong here. Please try again in a moment."),
}
FIELD_WORDING = N_("“{field}” is missing or not as it should be.")
BODY_WORDING = N_("This is not valid JSON.")


def install(app: FastAPI) -> None:
    """Teach `app` to answer every failure in the caller's language, and never with a trace."""

    @app.exception_handler(FlowError)
    async def refused(request: Request, error: FlowError) -> Response:
        headers = {"Retry-After": str(error.params["seconds"])} if isinstance(error, TooMany) else {}
        field = error.field if isinstance(error, Invalid) else None
        return _answer(request, status_of(error), error.said(_lang(request)), field=field, headers=headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return _answer(request, 400, text(_lang(request), BODY_WORDING), field="body")
        field = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str)), "body")
        return _answer(request, 422, text(_lang(request), FIELD_WORDING, field=field), field=field)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        wording = HTTP_WORDING.get(error.status_code, HTTP_WORDING[500])
        return _answer(request, error.status_code, text(_lang(request), wording), headers=error.headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        log.exception("web.failed", path=request.url.path, error=type(error).__name__)
        return _answer(request, 500, text(_lang(request), HTTP_WORDING[500]))


def status_of(error: FlowError) -> int:
    """The HTTP status of what a flow refused."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


def too_large(request: Request) -> Response:
    """The answer to a body over the limit."""
    return _answer(request, 413, text(_lang(request), HTTP_WORDING[413]))


def _lang(request: Request) -> Lang:
    """The language that the body asked for, where it could be read; else that of the page."""
    return as_lang(getattr(request.state, "lang", None), lang_of(request))


def _answer(
    request: Request, status: int, detail: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    if for_programs(request):
        problem: dict[str, object] = {"type": "about:blank", "title": detail, "status": status, "detail": detail}
        if field:
            problem["field"] = field
        return JSONResponse(problem, status, headers, media_type="application/problem+json")
    response = page(request, "problem.html", status=status, detail=detail)
    response.headers.update(headers or {})
    return response


def for_programs(request: Request) -> bool:
    """Whether a program asks here, which gets JSON, and not a person, who gets a page."""
    return request.url.path.startswith(("/api/", "/health", "/telegram/", "/kakao/"))
