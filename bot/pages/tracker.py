"""The public tracker: the plans and each commitment, as a page, as a card for other sites, as a picture to pass on."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from html import escape
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Damso
from bot.drawing import FONT_FAMILY, lines
from bot.pages.changes import Line, told
from bot.pages.fresh import Version
from bot.pages.indicators import figures_of
from bot.pages.lookup import read_id
from bot.pages.rendering import HERE, lang_of, page, parts, template
from bot.pages.timeline import Timeline, timeline
from flows import commitments, suggesting
from flows.answering import doubt, topics_in_use
from flows.city import city, day
from flows.commitments import Commitment, MilestoneState, Plan
from flows.messages import clean
from flows.store.keeping import TELEGRAM_LINK, kept
from flows.subscribing import ALL, THEME
from flows.suggesting import Suggestion, Wanted
from flows.topics import Topic, first_day
from flows.wording import LANGS, N_, Lang, text, written_date

router = APIRouter(include_in_schema=False)
Parts = Annotated[Damso, Depends(parts)]

SUGGESTIONS_SHOWN = 5
CHANGES_SHOWN = 50
QR_SCALE = 4


@dataclass(frozen=True, slots=True)
class Following:
    """How one can follow, in each channel. Without a Telegram bot there is no link to it and no QR code."""

    chat_url: str
    telegram_url: str | None
    telegram_qr: str | None

    @classmethod
    def of(cls, code: str, telegram: str | None) -> "Following":
        link = f"{telegram}?start=follow-{code}" if telegram else None
        # Drawn by attributes alone: a style would need a hole in the content security policy.
        qr = segno.make(link).svg_inline(scale=QR_SCALE, light="#fff", svgclass=None, lineclass=None) if link else None
        return cls(f"/?follow={code}", link, qr)


@dataclass(frozen=True, slots=True)
class Part:
    """A way to take part, as an answer of the chat says it; `doubt`: that it may be out of date."""

    topic: Topic
    doubt: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown with a link to the page elsewhere."""

    path: str
    alt: str
    width: int = 1200
    height: int = 630
    text_width: int = 1040

    @classmethod
    def of(cls, c: Commitment, lang: Lang) -> "Picture":
        alt = text(lang, N_("How far it is: {title}"), title=c.short.of(lang))
        return cls(f"/commitments/{c.code}/picture.png?lang={lang}", alt)


@dataclass(frozen=True, slots=True)
class History:
    """What changed when, a page of it, the newest first. `newest_url`: where it begins, on all pages but the first."""

    lines: list[Line]
    older_url: str | None
    newest_url: str | None


@dataclass(frozen=True, slots=True)
class Tracked:
    """The page of one commitment. `shaped_by`: receipts by `milestone:<id>` and `update:<id>`."""

    c: Commitment
    today: date
    silent_since: date | None
    drawn: Timeline | None
    states: list[MilestoneState]
    suggestions: list[Suggestion]
    more_suggestions: bool
    shaped_by: dict[str, list[str]]
    ways: list[Part]
    history: History
    following: Following
    snippets: dict[Lang, str]
    picture: Picture


@router.get("/commitments")
async def plans(
    request: Request, damso: Parts, plan: Annotated[str, Query()] = "", before: Annotated[str, Query()] = ""
) -> Response:
    """All plans, those that go on before those that have ended. The history of `plan` goes on after `before`."""
    async with damso.db.transaction() as tx:
        found = await commitments.all_of(tx)
        telegram = await kept(tx, TELEGRAM_LINK)
        changes = {
            code: await _history(
                tx,
                code,
                lang_of(request),
                before=read_id(before) if code == plan else None,
                url=f"/commitments?plan={code}&",
                anchor=f"changes-{code}",
            )
            for code in {c.plan.code for c in found}
        }
    themes = [(name, Following.of(f"{THEME}{theme}", telegram)) for theme, name in city().themes.items()]
    today = day(damso.now())
    by_plan: dict[Plan, list[Commitment]] = {}
    for c in found:
        by_plan.setdefault(c.plan, []).append(c)
    ordered = sorted(by_plan, key=lambda plan: plan.last_day, reverse=True)
    shown = [(plan, by_plan[plan], changes[plan.code]) for plan in ordered]
    following = Following.of(ALL, telegram)
    return page(request, "commitments.html", plans=shown, today=today, following=following, themes=themes)


@router.get("/commitments/{code}")
async def commitment(code: str, request: Request, damso: Parts, before: Annotated[str, Query()] = "") -> Response:
    """`before`: from where its history goes on."""
    async with damso.db.transaction() as tx:
        c = await commitments.get(tx, clean(code).upper())
        view = await _tracked(tx, damso, c, lang_of(request), read_id(before))
    figures = await figures_of(damso, c.code, lang_of(request))
    return page(request, "commitment.html", view=view, figures=figures)


@router.get("/commitments/{code}/card")
async def card(code: str, request: Request, damso: Parts) -> Response:
    """A page of its own for the frame of another site: in one language, without cookies and scripts."""
    async with damso.db.transaction() as tx:
        c = await commitments.get(tx, clean(code).upper())
    lang, today = lang_of(request), day(damso.now())
    html = template(lang, "card.html").render(
        lang=lang,
        c=c,
        today=today,
        city=city(),
        is_demo=damso.is_demo,
        site_url=damso.settings.pages_url,
        style=_card_style(),
    )
    version = Version.of(html)
    return version.unchanged(request) or version.on(HTMLResponse(html, headers=_card_headers()))


@cache
def _card_style() -> str:
    return (HERE / "static" / "card.css").read_text("utf-8")


@cache
def _card_headers() -> dict[str, str]:
    """Of the one page that others may show within theirs: it runs nothing, loads nothing and sends nothing."""
    style = b64encode(sha256(_card_style().encode()).digest()).decode()
    nothing = "default-src 'none'; base-uri 'none'; form-action 'none'"
    return {"Content-Security-Policy": f"{nothing}; style-src 'sha256-{style}'; frame-ancestors *"}


@router.get("/commitments/{code}/picture.png")
async def picture(code: str, request: Request, damso: Parts) -> Response:
    """What other services show with a link to the page: drawn when what it says has changed, and else not again."""
    async with damso.db.transaction() as tx:
        c = await commitments.get(tx, clean(code).upper())
    lang, shown, today = lang_of(request), Picture.of(c, lang_of(request)), day(damso.now())
    said = 3 if c.level else 2  # OGP's word takes a line of the title's, so that neither is cut off
    (plan,) = lines(c.plan.title.of(lang), size=32, width=shown.text_width, most=1)
    svg = template(lang, "feeds/picture.svg").render(
        lang=lang,
        picture=shown,
        family=FONT_FAMILY,
        c=c,
        plan=plan,
        title=lines(c.title.of(lang), size=54, width=shown.text_width, most=5 - said),
        state=lines(_state(c, today, lang), size=34, width=shown.text_width, most=said),
        service=f"{city().name.of(lang)} {city().bot.of(lang)}",
        is_demo=damso.is_demo,
    )
    version = Version.of(svg)
    if unchanged := version.unchanged(request):
        return unchanged
    return version.on(Response(await damso.drawing.png(svg, width=shown.width), media_type="image/png"))


async def _tracked(tx: AsyncSession, damso: Damso, c: Commitment, lang: Lang, before: int | None) -> Tracked:
    today = day(damso.now())
    about = await suggesting.find(tx, Wanted(is_public=True, commitment=c.code), limit=SUGGESTIONS_SHOWN + 1)
    shaped_by: dict[str, list[str]] = {}
    ids = {"milestones": [m.id for m in c.milestones], "updates": [u.id for u in c.updates]}
    for receipt, link in await suggesting.shaping(tx, **ids):
        to = f"milestone:{link.milestone}" if link.milestone else f"update:{link.update}"
        shaped_by.setdefault(to, []).append(receipt)
    topics = [topic for topic in (await topics_in_use(tx)).values() if topic.takes_suggestions]
    url = f"{damso.settings.pages_url}/commitments/{c.code}"
    return Tracked(
        c=c,
        today=today,
        silent_since=c.silent_since(today),
        drawn=_drawn(c, today) if c.milestones else None,
        states=[m.shown_state(today) for m in c.milestones],
        suggestions=about[:SUGGESTIONS_SHOWN],
        more_suggestions=len(about) > SUGGESTIONS_SHOWN,
        shaped_by=shaped_by,
        history=await _history(tx, c.code, lang, before=before, url=f"/commitments/{c.code}?", anchor="history"),
        ways=[Part(topic, doubt(topic, today, lang)) for topic in topics],
        following=Following.of(c.code, await kept(tx, TELEGRAM_LINK)),
        snippets={of: _snippet(f"{url}/card?lang={of}", c.short.of(of)) for of in LANGS},
        picture=Picture.of(c, lang),
    )


async def _history(tx: AsyncSession, code: str, lang: Lang, *, before: int | None, url: str, anchor: str) -> History:
    """Of a commitment or a plan, from where its list at `url` goes on."""
    found = await commitments.changes_of(tx, code, before=before, limit=CHANGES_SHOWN + 1)
    shown = found[:CHANGES_SHOWN]
    older = f"{url}before={shown[-1].id}#{anchor}" if len(found) > CHANGES_SHOWN else None
    return History(told(shown, lang), older, f"{url}#{anchor}" if before else None)


def _drawn(c: Commitment, today: date) -> Timeline:
    days = [m.done or m.due for m in c.milestones]
    return timeline(first_day(c.start), c.last_day, today, days)


def _state(c: Commitment, today: date, lang: Lang) -> str:
    """What holds of it today, most urgent first, as far as it has room."""
    said = [text(lang, N_("The city says: {status}"), status=text(lang, c.status.wording)) + "."]
    if c.level:
        said.append(text(lang, N_("OGP's assessment: {level}"), level=text(lang, c.level.value.wording)) + ".")
    if since := c.silent_since(today):
        said.insert(0, text(lang, N_("No update since {date}."), date=written_date(lang, since.isoformat())))
    if c.has_ended(today):
        said.append(text(lang, N_("Its period was over at the end of {date}."), date=written_date(lang, c.end)))
    return " ".join(said)


def _snippet(url: str, title: str) -> str:
    """What another site writes into its page to show the card there."""
    look = 'width="100%" height="440" loading="lazy" style="border:0"'
    return f'<iframe src="{url}" title="{escape(title)}" {look}></iframe>'
