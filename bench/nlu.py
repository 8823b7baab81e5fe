"""How fast meaning is found, beside a stock Rasa server on the same data in the same run: `python -m bench.nlu`.

Both are trained on nlu/data and asked over HTTP, one after the other: the shipped pipeline, and Rasa's own
(nlu/alternatives/diet.yml) after a single epoch, which answers as fast as after a hundred. Kept in var/bench.

cold      every held-out sentence once: one client, then eight at a time
repeated  what citizens really send: few sentences often, many once (Zipf, s = 1.1), eight at a time; ours through the
          bot's cache, the stock server as it is

Prints a table with ratios, and as its last line all figures as JSON.
"""

import asyncio
import hashlib
import json
import random
import re
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import yaml

from bot import nlu
from bot.supervisor import free_port
from flows.understanding import Understanding

FOLDER = Path("var/bench")
SENTENCES, REPEATED, ZIPF = 1_000, 4_000, 1.1
CLIENTS = 8
START_WITHIN_S, STOP_WITHIN_S, ANSWER_WITHIN_S = 180, 20, 60

type Ask = Callable[[str], Awaitable[object]]


@dataclass(frozen=True)
class Timing:
    """Of one workload: milliseconds an answer, and answers a second."""

    p50: float
    p95: float
    p99: float
    per_second: float


def main() -> None:
    sentences = held_out()
    found: dict[str, float] = {}
    for name, model in (("ours", nlu.ensure_model(FOLDER)), ("stock", stock_model())):
        with served(model) as (url, pid, start_s):
            timings = asyncio.run(measure(url, sentences, cached=name == "ours"))
            found |= {f"{name}_{load}_{k}": v for load, one in timings.items() for k, v in vars(one).items()}
            found |= {f"{name}_rss_mb": resident_mb(pid), f"{name}_start_s": start_s}
    print_table(found)
    print(json.dumps({name: round(figure, 2) for name, figure in found.items()}))


def held_out() -> list[str]:
    """Some of nlu/tests, always the same, in no order."""
    blocks = [
        b for file in sorted((nlu.PROJECT / "tests").glob("*.yml")) for b in yaml.safe_load(file.read_text())["nlu"]
    ]
    texts = {line.strip()[2:] for block in blocks if "intent" in block for line in block["examples"].splitlines()}
    said = [text for text in texts if re.search(r"\w", text)]
    return sorted(said, key=lambda text: hashlib.sha256(text.encode()).digest())[:SENTENCES]


def stock_model() -> Path:
    """Rasa's own pipeline, trained for an epoch; again only when the data or the pipeline changed."""
    config = yaml.safe_load((nlu.PROJECT / "alternatives" / "diet.yml").read_text())
    config["pipeline"][-1]["epochs"] = 1
    written = yaml.safe_dump(config)
    model = (
        FOLDER / f"stock-{hashlib.sha256((nlu.inputs_hash() + written).encode()).hexdigest()[:16]}.tar.gz"
    ).resolve()
    if not model.exists():
        model.parent.mkdir(parents=True, exist_ok=True)
        recipe = model.with_name("stock.yml")
        recipe.write_text(written)
        command = [str(nlu.RASA), "train", "nlu", "--config", str(recipe), "--nlu", "data", "--out", str(model.parent)]
        command += ["--fixed-model-name", model.name.removesuffix(".tar.gz")]
        subprocess.run(command, cwd=nlu.PROJECT, env=nlu.environment(FOLDER), check=True, capture_output=True)
    return model


@contextmanager
def served(model: Path, folder: Path = FOLDER) -> Iterator[tuple[str, int, float]]:
    """A `rasa run` on loopback: its address, its process, the seconds until it answered."""
    port, began = free_port(), time.perf_counter()
    url = f"http://127.0.0.1:{port}"
    command = nlu.serve_command(model, port)
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=nlu.PROJECT, env=nlu.environment(folder), stdout=quiet, stderr=quiet)
    try:
        while not nlu.serves(url):
            if server.poll() is not None or time.perf_counter() - began > START_WITHIN_S:
                raise RuntimeError(f"rasa run did not start with {model.name}")
            time.sleep(0.1)
        yield url, server.pid, time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(STOP_WITHIN_S)


async def measure(url: str, sentences: Sequence[str], *, cached: bool) -> dict[str, Timing]:
    async with httpx.AsyncClient(base_url=url, timeout=ANSWER_WITHIN_S) as client:

        async def parse(text: str) -> None:
            (await client.post("/model/parse", json={"text": text})).raise_for_status()

        for text in sentences[:50]:  # the first answers of a process are slower and are nobody's
            await parse(text)
        one = await timed(parse, sentences, clients=1)
        eight = await timed(parse, sentences, clients=CLIENTS)
        understanding = Understanding(url)
        repeated = await timed(understanding.parse if cached else parse, often(sentences), clients=CLIENTS)
        await understanding.close()
    return {"one": one, "eight": eight, "repeated": repeated}


def often(sentences: Sequence[str]) -> list[str]:
    weights = [1 / rank**ZIPF for rank in range(1, len(sentences) + 1)]
    return random.Random(0).choices(sentences, weights, k=REPEATED)


async def timed(ask: Ask, texts: Sequence[str], *, clients: int) -> Timing:
    """Every text once, `clients` of them under way at any moment."""
    waiting, took_ms = iter(texts), []

    async def client() -> None:
        for text in waiting:
            asked = time.perf_counter()
            await ask(text)
            took_ms.append((time.perf_counter() - asked) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    seconds = time.perf_counter() - began
    p50, p95, p99 = (float(value) for value in np.percentile(took_ms, [50, 95, 99]))
    return Timing(p50, p95, p99, len(texts) / seconds)


def resident_mb(pid: int) -> float:
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def print_table(found: dict[str, float]) -> None:
    rows = {
        "one client, ms": ("one_p50", "one_p95", "one_p99"),
        "eight at once, ms": ("eight_p50", "eight_p95", "eight_p99"),
        "repeated, ms": ("repeated_p50", "repeated_p95", "repeated_p99"),
    }
    print(f"{'':<20}{'ours p50':>9}{'p95':>8}{'p99':>8}{'stock p50':>12}{'p95':>8}{'p99':>8}{'stock/ours p95':>17}")
    for title, names in rows.items():
        ours, stock = ([found[f"{whose}_{name}"] for name in names] for whose in ("ours", "stock"))
        cells = f"{ours[0]:>9.1f}{ours[1]:>8.1f}{ours[2]:>8.1f}{stock[0]:>12.1f}{stock[1]:>8.1f}{stock[2]:>8.1f}"
        print(f"{title:<20}{cells}{stock[1] / ours[1]:>17.1f}")
    print(f"\n{'':<26}{'ours':>9}{'stock':>9}{'ratio':>8}")
    totals = {"one_per_second": "one client, a second", "eight_per_second": "eight at once, a second"}
    totals |= {"repeated_per_second": "repeated, a second", "rss_mb": "memory, MB", "start_s": "start, s"}
    for name, title in totals.items():
        ours, stock = found[f"ours_{name}"], found[f"stock_{name}"]
        print(f"{title:<26}{ours:>9.1f}{stock:>9.1f}{ours / stock:>8.2f}")


if __name__ == "__main__":
    main()
