"""The end of the dialogue: the whole draft to look at, and what may be added to it, a place and a name.

Neither is asked for: who does not press their buttons is not delayed by them.
"""

import re

from flows import commitments
from flows.city import city
from flows.errors import Invalid, Refused
from flows.masking import mask
from flows.messages import Choice, Point, Reply, Step, Turn
from flows.suggesting.attachments import waiting_files
from flows.suggesting.values import Attachment, Place
from flows.wording import LANGS, N_

STEPS = "suggestion."  # how the names of all steps of the dialogue begin
CONFIRM, WHERE, NAME = f"{STEPS}confirm", f"{STEPS}where", f"{STEPS}name"
NAME_MOST_CHARS = 30
LINK = re.compile(r"https?:|www\.|@|\w\.\w{2,}", re.IGNORECASE)
POINT_DECIMALS = 4  # about ten metres: a bench, and not a front door


class BadName(Invalid):
    field = "text"
    message = N_("Please give a name of at most {most} characters, without a link, an address or a number to call.")


class NotYourName(Invalid):
    field = "text"
    message = N_("This name looks like the city's own or this service's. Please choose another.")


def open_draft(step: Step | None) -> bool:
    """Whether a suggestion is being written."""
    return step is not None and step.waits_for.startswith(STEPS)


def check_name(written: str) -> str:
    """A name as it will be shown. Raises BadName, NotYourName."""
    name = " ".join(written.split())
    has_letter = any(letter.isalpha() for letter in name)
    if not has_letter or len(name) > NAME_MOST_CHARS or LINK.search(name) or mask(name) != name:
        raise BadName(most=NAME_MOST_CHARS)
    if any(ours.of(lang).lower() in name.lower() for ours in (city().name, city().bot) for lang in LANGS):
        raise NotYourName
    return name


async def ask_confirmation(turn: Turn) -> list[Reply]:
    assert turn.step is not None
    draft, files = turn.step.draft, await waiting_files(turn.tx, turn.citizen.id)
    turn.step = Step(CONFIRM, draft)
    details = [*await _details(turn, draft), *_attached(turn, files)]
    lines = [turn.say(N_("Please check:\n\n“{text}”"), text=draft["text"]), "\n".join(details)]
    lines.append(turn.say(N_("By sending it you agree that the city keeps this and may publish it.")))
    choices = [
        turn.choice(N_("Send"), "submit_suggestion:confirm"),
        turn.choice(N_("Change the text"), "submit_suggestion:edit"),
        *([] if "receipt" in draft else _additions(turn, draft)),
        *([turn.choice(N_("Delete what I attached"), "submit_suggestion:no_files")] if files else []),
        cancel_choice(turn),
    ]
    return [Reply("\n\n".join(line for line in lines if line), tuple(choices))]


async def ask_where(turn: Turn) -> list[Reply]:
    assert turn.step is not None
    turn.step = Step(WHERE, turn.step.draft)
    ask = N_("Which district is it about?")
    if turn.citizen.channel == "telegram":
        ask = N_("Which district is it about? You can also send a location: the paper clip, then “Location”.")
    choices = [
        Choice(name.of(turn.lang), f"submit_suggestion:district:{key}") for key, name in city().districts.items()
    ]
    return [turn.reply(ask, *choices, turn.choice(N_("No place"), "submit_suggestion:nowhere"), cancel_choice(turn))]


async def take_where(turn: Turn) -> list[Reply]:
    """A district in words; whatever else is said, it is asked again."""
    said = re.sub(r"\s", "", turn.text).lower()
    for key, name in city().districts.items():
        if any(said.startswith(re.sub(r"\s", "", name.of(lang)).lower()) for lang in LANGS):
            return await put_where(turn, district=key)
    return await put_where(turn) if turn.understood.intent.name == "deny" else await ask_where(turn)


async def put_where(turn: Turn, **place: str) -> list[Reply]:
    """Keep a place with the draft instead of the one before; none, where none is given."""
    _put(turn, ("district", "latitude", "longitude"), place)
    return await ask_confirmation(turn)


def as_draft(point: Point) -> dict[str, str]:
    """A point as a draft holds it, no more precise than it has to be."""
    return {"latitude": f"{point.latitude:.{POINT_DECIMALS}f}", "longitude": f"{point.longitude:.{POINT_DECIMALS}f}"}


def place_of(draft: dict[str, str]) -> Place:
    if "latitude" in draft:
        return Place(latitude=float(draft["latitude"]), longitude=float(draft["longitude"]))
    return Place(district=draft.get("district"))


async def ask_name(turn: Turn) -> list[Reply]:
    assert turn.step is not None
    turn.step = Step(NAME, turn.step.draft)
    ask = N_("Which name should stand beside your suggestion? Everybody can read it, and it need not be your real one.")
    return [turn.reply(ask, turn.choice(N_("Without a name"), "submit_suggestion:anonymous"), cancel_choice(turn))]


async def take_name(turn: Turn) -> list[Reply]:
    if turn.understood.intent.name == "deny":
        return await put_name(turn)
    try:
        return await put_name(turn, name=check_name(turn.text))
    except Refused as refused:
        anonymous = turn.choice(N_("Without a name"), "submit_suggestion:anonymous")
        return [Reply(refused.said(turn.lang), (anonymous, cancel_choice(turn)))]


async def put_name(turn: Turn, **name: str) -> list[Reply]:
    """Keep a name with the draft; none, where none is given."""
    _put(turn, ("name",), name)
    return await ask_confirmation(turn)


def cancel_choice(turn: Turn) -> Choice:
    return turn.choice(N_("Cancel"), "submit_suggestion:cancel")


async def _details(turn: Turn, draft: dict[str, str]) -> list[str]:
    """What goes with the text, a line each."""
    lines = []
    if "receipt" not in draft:
        about = turn.say(N_("nothing chosen"))
        if code := draft.get("commitment"):
            about = (await commitments.names(turn.tx))[code].of(turn.lang)
        elif theme := draft.get("theme"):
            about = city().themes[theme].of(turn.lang)
        lines.append(turn.say(N_("About: {about}"), about=about))
    if district := draft.get("district"):
        lines.append(turn.say(N_("Place: {place}"), place=city().districts[district].of(turn.lang)))
    if "latitude" in draft:
        where = f"{draft['latitude']}, {draft['longitude']}"
        lines.append(turn.say(N_("Place: the location you sent ({where})"), where=where))
    if name := draft.get("name"):
        lines.append(turn.say(N_("Name: {name}"), name=name))
    return lines


def _attached(turn: Turn, files: list[Attachment]) -> list[str]:
    """How many photos and documents, and who will see them."""
    photos = sum(file.is_photo for file in files)
    lines = [turn.say(N_("Photos: {count}"), count=photos)] if photos else []
    if documents := len(files) - photos:
        lines.append(turn.say(N_("PDF documents: {count}"), count=documents))
    if files:
        lines.append(turn.say(N_("Staff will see them. The public sees a photo only if staff publish it.")))
    return lines


def _additions(turn: Turn, draft: dict[str, str]) -> list[Choice]:
    has_place, has_name = "district" in draft or "latitude" in draft, "name" in draft
    return [
        turn.choice(N_("Change the place") if has_place else N_("Add a place"), "submit_suggestion:place"),
        turn.choice(N_("Change the name") if has_name else N_("Add a name"), "submit_suggestion:name"),
    ]


def _put(turn: Turn, instead_of: tuple[str, ...], given: dict[str, str]) -> None:
    assert turn.step is not None
    kept = {name: value for name, value in turn.step.draft.items() if name not in instead_of}
    turn.step = Step(CONFIRM, {**kept, **given})
