"""Search over the topics by words: what is left when the intent model is unsure or away.

Korean is compared by pairs of letters (as Lucene's CJK analyser does), so that particles and missing blanks do
little harm; English by words.
"""

import re
from functools import cache

from flows.answering.content import Topic, read_topics

TITLE_WEIGHT, KEYWORD_WEIGHT, TEXT_WEIGHT = 3.0, 2.0, 1.0
LEAST_SCORE = 0.6
FOUND_MOST = 3
STOP = {"the", "a", "an", "of", "to", "in", "is", "are", "and", "or", "for", "what", "how", "do", "i", "you", "it"}
STOP |= {"뭐야", "무엇", "어떻", "떻게", "알려", "려줘", "인가", "가요", "있나", "나요", "하는", "해요", "니다", "습니"}


def search(text: str) -> list[Topic]:
    """The best topics for these words, best first; none when nothing fits well enough."""
    asked = terms(text)
    scored = [(sum(weights.get(term, 0.0) for term in asked), topic) for topic, weights in _index()]
    found = [pair for pair in scored if pair[0] >= LEAST_SCORE]
    return [topic for _, topic in sorted(found, key=lambda pair: -pair[0])[:FOUND_MOST]]


def terms(text: str) -> set[str]:
    """English words and numbers, and every pair of neighbouring Hangul letters."""
    words = re.findall(r"[a-z0-9]+|[가-힣]+", text.lower())
    found = set()
    for word in words:
        if "가" <= word[0] <= "힣":
            found |= {word[i : i + 2] for i in range(len(word) - 1)} or {word}
        else:
            found.add(word)
    return found - STOP


@cache
def _index() -> list[tuple[Topic, dict[str, float]]]:
    """Each topic with the weight of its terms; a term that many topics share weighs less."""
    indexed = []
    for topic in read_topics().values():
        weights: dict[str, float] = {}
        title, keywords = f"{topic.title.ko} {topic.title.en}", " ".join(topic.keywords.ko + topic.keywords.en)
        for text, weight in (
            (f"{topic.answer.ko} {topic.answer.en}", TEXT_WEIGHT),
            (keywords, KEYWORD_WEIGHT),
            (title, TITLE_WEIGHT),
        ):
            weights |= dict.fromkeys(terms(text), weight)
        indexed.append((topic, weights))
    shared: dict[str, int] = {}
    for _, weights in indexed:
        for term in weights:
            shared[term] = shared.get(term, 0) + 1
    return [(topic, {t: w / shared[t] ** 0.5 for t, w in weights.items()}) for topic, weights in indexed]
