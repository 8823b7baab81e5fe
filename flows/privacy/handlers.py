"""My data, shown or erased, in the chat."""

from flows import suggesting
from flows.answering import kept_question
from flows.city import city, day
from flows.messages import ChannelName, Reply, Turn
from flows.privacy.rows import erase, export
from flows.suggesting import Place, Suggestion
from flows.wording import N_, Lang

CHANNELS: dict[ChannelName, str] = {"web": N_("Web chat"), "telegram": N_("Telegram")}
LANGUAGES: dict[Lang, str] = {"ko": N_("Korean"), "en": N_("English")}


async def my_data(turn: Turn) -> list[Reply]:
    held = await export(turn.tx, turn.citizen, turn.lang, at=turn.at)
    topic, before = turn.topics.get(turn.citizen.topic or ""), held.alerts_before
    lines = [
        turn.say(N_("This is all that is held about you here:")),
        turn.say(N_("· Channel: {channel}"), channel=turn.say(CHANNELS[turn.citizen.channel])),
        turn.say(N_("· Identifier in that channel: {address}"), address=turn.citizen.address),
        turn.say(N_("· Language: {lang}"), lang=turn.say(LANGUAGES[turn.citizen.lang])),
        *([turn.say(N_("· You asked for plain words in every answer."))] if turn.citizen.plain else []),
        *([turn.say(N_("· Staff chat: what waits for the staff is told here."))] if held.is_staff_chat else []),
        turn.say(N_("· First message: {date}"), date=turn.date(day(held.first))),
        turn.say(N_("· Last message: {date}"), date=turn.date(day(held.last))),
        *([turn.say(N_("· Reminded of a draft: {date}"), date=turn.date(day(held.reminded)))] if held.reminded else []),
        *([turn.say(N_("· Last subject: {title}"), title=topic.title.of(turn.lang))] if topic else []),
        turn.say(N_("· What you follow: {count}"), count=len(held.follows)),
        *(f"  {name}: {turn.say(f.frequency.wording)}" for name, f in held.follows),
        *(f"  {line}" for line in held.alerts),
        *([turn.say(N_("· Your alerts before you last changed them, so that you can undo it:"))] if before else []),
        *(f"  {line}" for line in before),
        turn.say(N_("· Alerts kept for this browser: {count}"), count=held.mail),
        turn.say(N_("· Suggestions: {count}"), count=len(held.suggestions)),
        *(line for s in held.suggestions for line in _suggestion(turn, s)),
        turn.say(N_("· Suggestions of others that you support: {count}"), count=len(held.supported)),
        *(f"  {s.receipt}" for s in held.supported),
        turn.say(N_("· Photos and documents with suggestions: {count}"), count=held.files),
        turn.say(N_("· Answers that you rated: {count}"), count=held.ratings),
        turn.say(N_("· Questions to the staff: {count}"), count=len(held.enquiries)),
        *(f"  {turn.date(day(e.asked_at))} ({turn.say(e.state.wording)}) “{e.text}”" for e in held.enquiries),
    ]
    if question := kept_question(turn.step):
        kept = N_("· A question you have not sent to the staff: “{text}”")
        lines.append(turn.say(kept, text=question))
    elif turn.step and turn.step.draft.get("text"):
        lines.append(turn.say(N_("· A suggestion you have not sent: “{text}”"), text=turn.step.draft["text"]))
        lines += _details(turn, suggesting.place_of(turn.step.draft), turn.step.draft.get("name"))
    lines.append(turn.say(N_("My last answers to you are kept for one day, so that nothing is done twice.")))
    return [Reply("\n".join(lines), (turn.choice(N_("Erase my data"), "forget_me"),))]


def _suggestion(turn: Turn, s: Suggestion) -> list[str]:
    return [f"  {s.receipt} ({turn.say(s.status.wording)}) “{s.text}”", *_details(turn, s.place, s.shown_name)]


def _details(turn: Turn, place: Place, name: str | None) -> list[str]:
    """The place and the name that go with a suggestion, a line each."""
    lines = []
    if place.district:
        lines.append(turn.say(N_("Place: {place}"), place=city().districts[place.district].of(turn.lang)))
    if place.latitude is not None:
        where = f"{place.latitude}, {place.longitude}"
        lines.append(turn.say(N_("Place: the location you sent ({where})"), where=where))
    if name:
        lines.append(turn.say(N_("Name: {name}"), name=name))
    return [f"    {line}" for line in lines]


async def forget_me(turn: Turn) -> list[Reply]:
    """`forget_me` asks, `forget_me:confirm` does it."""
    if turn.args == ("confirm",):
        await erase(turn.tx, turn.citizen.id, at=turn.at)
        turn.forgotten = True
        return [turn.reply(N_("Everything held about you here is erased. If you write again, you start anew."))]
    ask = N_(
        "Your language, what you follow, what you support and your tie to your suggestions will be erased. "
        "Suggestions that were not answered yet are taken back and their text is erased. "
        "Photos and documents are erased too, except photos that are public. "
        "Questions to the staff are erased, with the answers. This cannot be undone."
    )
    return [turn.reply(ask, turn.choice(N_("Erase everything"), "forget_me:confirm"))]
