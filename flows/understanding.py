"""The client of the NLU service: one question out, an intent back, and never a wait for a service that is away."""

import asyncio
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import structlog

log = structlog.get_logger()

FALLBACK = "nlu_fallback"  # what Rasa's FallbackClassifier says when it is not sure
NOT_OURS = "out_of_scope"
# As likely as this that the text is not ours, nothing is sure any more. By cross-validation on the training data:
# 96 and 97 of 100 Korean and English texts that are not ours go unanswered, without it 94 and 95, for one right answer
# in fifty that becomes a button (nlu/calibrate.py).
MAY_NOT_BE_OURS = 0.15
DEADLINE_S = 1.5
FAILURES_TO_OPEN = 3
REST_S = 5.0
CACHE_SIZE = 5_000
CACHE_TTL_S = 300.0


@dataclass(frozen=True, slots=True)
class Intent:
    """What was understood, and how surely (0 to 1)."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text means: the verdict, the runners-up (best first), and the entities by name."""

    intent: Intent
    ranking: tuple[Intent, ...] = ()
    entities: tuple[tuple[str, str], ...] = ()
    available: bool = True

    def entity(self, name: str) -> str | None:
        return next((value for entity, value in self.entities if entity == name), None)

    @property
    def is_sure(self) -> bool:
        return self.intent.name != FALLBACK


NOTHING = Understood(Intent(FALLBACK, 0.0))
AWAY = Understood(Intent(FALLBACK, 0.0), available=False)


class Understanding:
    """Asks Rasa's `POST /model/parse`.

    After three failures in a row the circuit opens for five seconds: callers get `AWAY` at once, and then one of
    them tries again. Answers are cached by normalised text; an entry is at most five minutes older than the model.

    `url`: the service's address, or what says it at the moment. Another model has another address: the cache and the
    count of failures go with the old one.
    """

    def __init__(self, url: str | Callable[[], str], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._where = url if callable(url) else lambda: url
        self._url = self._where()
        self._client = httpx.AsyncClient(timeout=DEADLINE_S)
        self._monotonic = monotonic
        self._cache: OrderedDict[str, tuple[float, Understood]] = OrderedDict()
        self._failures = 0
        self._rests_until = 0.0

    async def close(self) -> None:
        await self._client.aclose()

    async def parse(self, text: str) -> Understood:
        """What `text` means. Never raises: `AWAY` when the service does not answer in time."""
        key = " ".join(unicodedata.normalize("NFC", text).split())  # NFKC would make another letter of a lone ㅋ
        if not any(c.isalnum() for c in key):
            return NOTHING
        url = self._look()
        if (cached := self._remembered(key)) is not None:
            return cached
        if self._monotonic() < self._rests_until:
            return AWAY
        try:
            async with asyncio.timeout(DEADLINE_S):
                response = await self._client.post(f"{url}/model/parse", json={"text": key})
            response.raise_for_status()
            understood = _read(response.json())
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, KeyError, TypeError) as problem:
            if url == self._url:
                self._failed(problem)
            return AWAY
        if url == self._url:  # else another model answers by now, and this was the last word of the one before
            self._failures = 0
            self._remember(key, understood)
        return understood

    async def is_up(self) -> bool:
        """Whether a model is loaded and answers (Rasa's `GET /status`)."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                return (await self._client.get(f"{self._look()}/status")).status_code == httpx.codes.OK
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            return False

    def _look(self) -> str:
        if (url := self._where()) != self._url:
            self._url, self._failures, self._rests_until = url, 0, 0.0
            self._cache.clear()
        return url

    def _failed(self, problem: Exception) -> None:
        self._failures += 1
        if self._failures >= FAILURES_TO_OPEN:
            self._rests_until = self._monotonic() + REST_S
        log.warning("nlu.away", problem=type(problem).__name__, failures=self._failures)

    def _remembered(self, key: str) -> Understood | None:
        at, understood = self._cache.get(key, (0.0, NOTHING))
        if key not in self._cache or self._monotonic() - at > CACHE_TTL_S:
            return None
        self._cache.move_to_end(key)
        return understood

    def _remember(self, key: str, understood: Understood) -> None:
        self._cache[key] = (self._monotonic(), understood)
        if len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)


def _read(parsed: dict) -> Understood:  # type: ignore[type-arg]  # Rasa's JSON, read field by field here
    intent = parsed["intent"]
    ranking = [Intent(i["name"], i["confidence"]) for i in parsed.get("intent_ranking", ())]
    may_not_be_ours = any(i.name == NOT_OURS and i.confidence >= MAY_NOT_BE_OURS for i in ranking)
    said = FALLBACK if may_not_be_ours and intent["name"] != NOT_OURS else intent["name"] or FALLBACK
    return Understood(
        Intent(said, intent["confidence"]),
        tuple(i for i in ranking if i.name != FALLBACK),
        tuple((e["entity"], str(e["value"])) for e in parsed.get("entities", ())),
    )
