"""The boxes above a list by which people narrow it; `parts.html` draws them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """One choice of the filter; `options` are values and what they say."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str
