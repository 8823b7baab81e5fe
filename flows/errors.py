"""What can go wrong, as the caller sees it.

FlowError            .message is a msgid; .params fill it
├── Refused          the caller can put it right            web 4xx · chat: a reply · CLI: exit 1
│   ├── Invalid          .field                             422
│   ├── NotFound                                            404
│   ├── NotAllowed                                          403
│   ├── Conflict         somebody else was first            409
│   └── TooMany          .retry_after                       429
└── Unavailable      a part we depend on is away            503 · chat: degraded answer · job: retry
"""

from datetime import timedelta

from flows.wording import N_, Lang, text


class FlowError(Exception):
    """Something the person on the other side should read about. Leaves live beside the code that raises them."""

    message = N_("Something went wrong here. Please try again in a moment.")

    def __init__(self, **params: object) -> None:
        super().__init__(params)
        self.params = params

    def said(self, lang: Lang) -> str:
        """The sentence for the person, in their language."""
        return text(lang, self.message, **self.params)

    def __str__(self) -> str:
        return self.said("en")


class Refused(FlowError):
    """The caller asked for what cannot be, and can put it right."""


class Invalid(Refused):
    """A value is not acceptable; `field` names it as the caller knows it."""

    field = ""
    message = N_("This value is not accepted.")


class NotFound(Refused):
    message = N_("There is nothing here under that name.")


class NotAllowed(Refused):
    message = N_("You may not do this.")


class Conflict(Refused):
    message = N_("Somebody else changed this first. Please look again.")


class TooMany(Refused):
    """A limit is reached; asking again makes sense after `retry_after`."""

    message = N_("That was too often. Please try again in {seconds} seconds.")

    def __init__(self, retry_after: timedelta, **params: object) -> None:
        super().__init__(seconds=max(1, round(retry_after.total_seconds())), **params)
        self.retry_after = retry_after


class Unavailable(FlowError):
    message = N_("A part of this service is away at the moment. Please try again shortly.")
