"""From a template to a response: the language of the page, the wording, and who looks at it."""

import asyncio
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from sqlalchemy.exc import SQLAlchemyError

from bot.app import Damso
from flows import announcing
from flows.announcing import Announcement
from flows.city import city, day, zone
from flows.messages import clean
from flows.wording import BABEL_LOCALES, LANGS, Lang, as_lang, of, text, written_date

HERE = Path(__file__).parent
LANG_COOKIE = "lang"
ANNOUNCED_WITHIN_S = 1.0
log = structlog.get_logger()


def parts(request: Request) -> Damso:
    """The parts of this process."""
    damso: Damso = request.app.state.damso
    return damso


def host_of(request: Request) -> str:
    """The network address that limits are counted by."""
    return request.client.host if request.client else ""


def lang_of(request: Request) -> Lang:
    """`?lang=`, then the cookie, then Accept-Language, then Korean."""
    asked = request.query_params.get("lang") or request.cookies.get(LANG_COOKIE)
    if asked in LANGS:
        return as_lang(asked)
    accepted = request.headers.get("accept-language", "")
    tags = (tag.split(";")[0].strip().split("-")[0].lower() for tag in accepted.split(","))
    return next((as_lang(tag) for tag in tags if tag in LANGS), "ko")


def page(request: Request, name: str, *, status: int = 200, **view: Any) -> HTMLResponse:
    """The page made from the template `name`; remembers the language that was asked for by `?lang=`.

    Every template has the wording's `_`, `gettext` and `ngettext`, `say(msgid, **params)`, `written(date)` (in words),
    `day`, `moment` (in digits), `locale_of(lang)`, `lang`, `other_lang`, `other_lang_url`, `path`, `site_url` (of all
    pages), `city`, `is_demo` and `announcement`.
    """
    lang = lang_of(request)
    other: Lang = "en" if lang == "ko" else "ko"
    query = urlencode({**request.query_params, "lang": other})
    html = template(lang, name).render(
        lang=lang,
        other_lang=other,
        other_lang_url=f"{request.url.path}?{query}",
        path=request.url.path,
        site_url=parts(request).settings.pages_url,
        city=city(),
        is_demo=parts(request).is_demo,
        announcement=getattr(request.state, "announcement", None),
        **view,
    )
    response = HTMLResponse(html, status)
    if request.query_params.get("lang") in LANGS:
        response.set_cookie(LANG_COOKIE, lang, max_age=365 * 24 * 3600, samesite="lax")
    return response


async def announced(request: Request) -> Announcement | None:
    """What staff tell everybody at the moment.

    None also when the database does not say so within a second: a page that needs none is then served without it.
    """
    damso = parts(request)
    try:
        async with asyncio.timeout(ANNOUNCED_WITHIN_S), damso.db.transaction() as tx:
            return await announcing.current(tx, damso.now())
    except (SQLAlchemyError, TimeoutError) as problem:
        log.warning("web.announcement_unknown", error=type(problem).__name__)
        return None


def template(lang: Lang, name: str) -> Template:
    """A template with the wording of one language."""
    return _templates(lang).get_template(name)


@cache
def _templates(lang: Lang) -> Environment:
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_translations(of(lang), newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    env.filters["clean"] = clean  # for XML, which takes no control characters however they are written
    env.globals |= {
        "written": lambda value: written_date(lang, str(day(value) if isinstance(value, datetime) else value)),
        "say": lambda msgid, **params: text(lang, msgid, **params),
        "day": lambda value: day(value).isoformat() if isinstance(value, datetime) else value.isoformat(),
        "locale_of": lambda of_lang: BABEL_LOCALES[of_lang],
        "moment": lambda value: value.astimezone(zone()).strftime("%Y-%m-%d %H:%M"),
    }
    return env
