"""Sending nothing again that has not changed: conditional requests (RFC 9110)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from typing import Self

from fastapi import Request, Response

TAG_CHARS = 32


@dataclass(frozen=True, slots=True)
class Version:
    """What tells one state of a resource from another. `changed`: when it came to be so, where that is known."""

    tag: str
    changed: datetime | None = None

    @classmethod
    def of(cls, content: bytes | str, changed: datetime | None = None) -> Self:
        """The version that has this content, or is made of nothing but it."""
        made = content.encode() if isinstance(content, str) else content
        return cls(f'"{sha256(made).hexdigest()[:TAG_CHARS]}"', changed)

    def unchanged(self, request: Request) -> Response | None:
        """The answer to somebody who has this version already; None for everybody else."""
        return self.on(Response(status_code=304)) if self._is_known(request) else None

    def on(self, response: Response) -> Response:
        """`response` with what lets its reader ask again."""
        response.headers["ETag"] = self.tag
        response.headers["Cache-Control"] = "no-cache"  # kept, but asked for each time: a correction counts at once
        response.headers["Vary"] = "Accept-Language, Cookie"
        if self.changed:
            response.headers["Last-Modified"] = format_datetime(self.changed.astimezone(UTC), usegmt=True)
        return response

    def _is_known(self, request: Request) -> bool:
        if tags := request.headers.get("if-none-match"):
            return tags.strip() == "*" or self.tag in (tag.strip().removeprefix("W/") for tag in tags.split(","))
        since = request.headers.get("if-modified-since")
        if not since or self.changed is None:
            return False
        try:
            return self.changed.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):  # no date, or one without a time zone
            return False
