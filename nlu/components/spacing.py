"""Blanks put back into Korean that was typed without them, from the words that the examples are made of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.text import is_spaced, is_unspaced

# Costs are negative logarithms: that of a word seen once in 60,000 is 11. A run of letters that is no known word costs
# as much and more for each letter, so that it is cut out whole and no longer than it must be.
_UNKNOWN, _UNKNOWN_LETTER = 11.0, 3.0
_LONGEST = 12


@dataclass(frozen=True)
class Spacing:
    """What each known word costs."""

    costs: Mapping[str, float]

    def respaced(self, text: str) -> str:
        """`text` as the likeliest row of words; with blanks of its own, or without Hangul, it comes back as it is."""
        if not is_unspaced(text):
            return text
        cheapest, begins = [0.0], [0]
        for end in range(1, len(text) + 1):
            starts = range(max(0, end - _LONGEST), end)
            cost, start = min((cheapest[start] + self._cost(text[start:end]), start) for start in starts)
            cheapest.append(cost)
            begins.append(start)
        words, end = [], len(text)
        while end:
            words.append(text[begins[end] : end])
            end = begins[end]
        return " ".join(reversed(words))

    def _cost(self, word: str) -> float:
        return self.costs.get(word, _UNKNOWN + _UNKNOWN_LETTER * len(word))


def learn_spacing(texts: Sequence[str]) -> Spacing:
    """From the Korean ones among normalised texts that have blanks."""
    counts = Counter(word for text in texts if is_spaced(text) for word in text.split())
    return Spacing({word: -math.log(count / counts.total()) for word, count in counts.items()})
