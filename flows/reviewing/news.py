"""What the author and the supporters of a suggestion are told, in both languages."""

from flows.city import Both
from flows.delivering import Button
from flows.suggesting import Status, Suggestion
from flows.wording import N_, Lang, text

ANSWER_OF_THE_CITY = N_("Answer of the city:")
MOVED = (N_("About your suggestion {receipt}: {status}"), N_("About {receipt}, which you support: {status}"))


CORRECTED = (
    N_("The city has corrected its answer to your suggestion {receipt}. What it said before stays in the history."),
    N_("The city has corrected its answer to {receipt}, which you support. What it said before stays in the history."),
)


def news(
    head: str,
    s: Suggestion,
    *parts: str | Both,
    status: Status | None = None,
    page: str | None = None,
    **params: object,
) -> Both:
    """A message: its first sentence, then the paragraphs of `parts` (sentences of ours, or what somebody wrote).

    `status`: where that is to be another than the suggestion's. `page`: the address of its public page.
    """

    def said(lang: Lang) -> str:
        known = {"receipt": s.receipt, "status": text(lang, (status or s.status).wording), **params}
        lines = [text(lang, head, **known)]
        for part in parts:
            lines.append(part.of(lang) if isinstance(part, Both) else text(lang, part, **known))
        if page:
            lines.append(page)
        return "\n\n".join(lines)

    return Both.said(said)


def objection(receipt: str, label: str) -> Button:
    """The button by which its author objects to what was decided."""
    return Button.saying(label, f"contest:{receipt}")


def answer_news(s: Suggestion, to: Status, answer: Both | None, *, page: str | None) -> tuple[Both, Both]:
    """What the author and what supporters are told of a decision."""
    parts = (_answer(answer),) if answer else ()
    own, others = (news(head, s, *parts, status=to, page=page) for head in MOVED)
    return own, others


def correction_news(s: Suggestion, answer: Both, *, page: str | None) -> tuple[Both, Both]:
    """The same of a corrected answer."""
    own, others = (news(head, s, _answer(answer), page=page) for head in CORRECTED)
    return own, others


def words_to_author(s: Suggestion, to: Status, answer: Both | None, *, page: str | None) -> Both:
    """What its author would be told if this were decided, for a look before."""
    if answer is not None and to is s.status:
        return correction_news(s, answer, page=page)[0]
    return answer_news(s, to, answer, page=page)[0]


def _answer(words: Both) -> Both:
    return Both.said(lambda lang: f"{text(lang, ANSWER_OF_THE_CITY)}\n{words.of(lang)}")
