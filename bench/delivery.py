"""From a published update to the platform, counted on both sides: `python -m bench.delivery` (`make bench-delivery`).

Real processes (`damso worker`, `clock`) on a database of their own, and the platform of `bench.platform` in another
process. The city's clock is set to a zone where it is late morning, save where the night is what is tried.

limited   the platform takes 30 a second, counted as a strict sliding second: how much of it is used over a minute
uncapped  no limit: how fast one worker is, and what a second one adds
owed      one update for a million subscribers: how long until every row is there, and whether the processes grow
faults    of the chats 5 % have blocked the bot, 5 % fail once with 502, 1 % take the message and say nothing
kills     20 broadcasts to 5,000, and in each a process killed with -9 at a random moment: worker, clock, web, database
night     an update in a zone where it is night, and the worker and the clock killed
instant   from publishing to the platform, with nothing else to do

Prints a table as it goes, and as its last line the figures as JSON.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import httpx
import psutil
from sqlalchemy import text

from bot import embedded
from bot.app import now
from bot.supervisor import DAMSO, free_port
from flows import commitments, delivering
from flows.city import Both
from flows.store import Database, migrate

CODE = "KRGNJ0001"
TOKEN = "123456:a-token-for-benchmarks"
PER_SECOND, LIMITED_S, WARM_S = 30, 60, 3
UNCAPPED, FAULTY, KILLED, KILL_ROUNDS, INSTANT = 6_000, 5_000, 5_000, 20, 15
FEW, MANY = 1_000, 1_000_000
WITHIN_S, NIGHT_S = 180, 6
SUBSCRIBERS = """
    INSERT INTO citizens (channel, address, lang, lang_chosen, created_at, seen_at)
    SELECT 'telegram', n::text, CASE n % 3 WHEN 0 THEN 'en' ELSE 'ko' END, false, now(), now()
    FROM generate_series(1, :n) AS n
"""
FOLLOWS = """
    INSERT INTO follows (citizen_id, commitment, frequency, since)
    SELECT id, :code, 'instant', now() FROM citizens ON CONFLICT DO NOTHING
"""


def zone_where_it_is(hour: int) -> str:
    """A time zone whose clock shows this hour (POSIX: the sign is the other way round)."""
    east = (hour - now().astimezone(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


@dataclass
class Processes:
    """The processes of one scenario, started again when they die, as `damso run` does."""

    env: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        for name in names:
            kind = name.partition(" ")[0]
            self.running[name] = subprocess.Popen(  # our own command
                [sys.executable, str(DAMSO), kind], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

    def revive(self) -> None:
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.start(name)

    def kill(self, name: str) -> None:
        self.running[name].kill()
        self.running[name].wait()

    def cpu_s(self, name: str) -> float:
        times = psutil.Process(self.running[name].pid).cpu_times()
        return float(times.user + times.system)

    def resident_mb(self) -> dict[str, float]:
        return {name: psutil.Process(p.pid).memory_info().rss / 2**20 for name, p in self.running.items()}

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()


@dataclass
class Bench:
    """A database and, for each scenario, a platform and processes."""

    folder: Path
    url: str
    db: Database
    published: int = 0

    async def subscribers(self, count: int) -> None:
        """Nothing but this many subscribers and the plan."""
        async with self.db.transaction() as tx:
            await tx.execute(text("TRUNCATE citizens, notices, updates, send_slots, procrastinate_jobs CASCADE"))
            await commitments.load_plans(tx, commitments.read_plans(), at=now())
            await tx.execute(text(SUBSCRIBERS), {"n": count})
            await tx.execute(text(FOLLOWS), {"code": CODE})
        async with self.db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text("VACUUM ANALYZE citizens, follows, deliveries"))

    async def publish(self) -> None:
        """One more update, as `damso update publish` does it."""
        self.published += 1
        words = Both(
            ko=f"소식 {self.published}: 설명회를 열었습니다.", en=f"News {self.published}: a meeting was held."
        )
        async with self.db.transaction() as tx:
            await delivering.publish(tx, CODE, words, at=now(), now=now())

    async def is_told(self) -> bool:
        """Whether the last update is owed to nobody any more."""
        open_ = "count(*) FILTER (WHERE state IN ('owed', 'claimed'))"
        newest = "notice_id = (SELECT max(id) FROM notices)"
        async with self.db.transaction() as tx:
            row = (await tx.execute(text(f"SELECT count(*), {open_} FROM deliveries WHERE {newest}"))).one()
            published = await tx.scalar(text("SELECT count(*) FROM updates WHERE published_at IS NULL")) == 0
        return published and row[0] > 0 and row[1] == 0

    @contextmanager
    def platform(self, per_second: int = 0, *, faults: bool = False) -> Iterator[httpx.Client]:
        port = free_port()
        command = [sys.executable, "-m", "bench.platform", "--port", str(port), "--per-second", str(per_second)]
        process = subprocess.Popen(command + ["--faults"] * faults)  # our own command
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                wait_for(lambda: answers(client), "the platform does not answer")
                yield client
        finally:
            process.terminate()
            process.wait()

    @contextmanager
    def processes(
        self, platform: httpx.Client, *names: str, per_second: int = 10_000, hour: int = 11
    ) -> Iterator[Processes]:
        env = {
            **os.environ,
            "DATABASE_URL": self.url,
            "DATA_DIR": str(self.folder),
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_URL": str(platform.base_url).rstrip("/"),
            "TELEGRAM_PER_SECOND": str(per_second),
            "TZ_NAME": zone_where_it_is(hour),
            "PORT": str(free_port()),
        }
        processes = Processes(env)
        try:
            processes.start(*names)
            yield processes
        finally:
            processes.stop()


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/counts").is_success
    except httpx.HTTPError:
        return False


def wait_for[T](what: Callable[[], T], why: str, within_s: float = WITHIN_S) -> T:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.02)
    raise SystemExit(why)


def accepted(platform: httpx.Client) -> list[tuple[float, int]]:
    """What the platform took: when, and for which chat."""
    return [(at, chat) for at, chat in platform.get("/counts").json()["accepted"]]


async def finished(bench: Bench, processes: Processes, within_s: float = WITHIN_S) -> None:
    """Until nothing is owed any more; whichever process has died is started again."""
    until = time.monotonic() + within_s
    while not await bench.is_told():
        if time.monotonic() > until:
            raise SystemExit("not everything was sent in time")
        processes.revive()
        await asyncio.sleep(0.1)


async def limited(bench: Bench) -> dict[str, float]:
    await bench.subscribers(PER_SECOND * (LIMITED_S + WARM_S + 5))
    with bench.platform(PER_SECOND) as platform:
        with bench.processes(platform, "worker", "clock", per_second=PER_SECOND):
            await bench.publish()
            wait_for(lambda: accepted(platform), "nothing was sent")
            await asyncio.sleep(WARM_S + LIMITED_S)
        counts = platform.get("/counts").json()
    began_s = counts["accepted"][0][0] + WARM_S
    taken = sum(began_s <= at < began_s + LIMITED_S for at, _ in counts["accepted"])
    refused = sum(began_s - WARM_S + 2 <= at < began_s + LIMITED_S for at in counts["refused"])
    return {
        "limited_rate_ratio": taken / (PER_SECOND * LIMITED_S),
        "refused_after_2s": refused / (taken + refused),
    }


async def uncapped(bench: Bench) -> dict[str, float]:
    found: dict[str, float] = {}
    for workers in (("worker",), ("worker", "worker 2")):
        await bench.subscribers(UNCAPPED)
        with bench.platform() as platform, bench.processes(platform, *workers, "clock") as processes:
            await asyncio.sleep(8)  # the start of Python is not what is measured
            before_s = [processes.cpu_s(name) for name in workers]
            await bench.publish()
            await finished(bench, processes)
            spent_s = sum(processes.cpu_s(name) - was for name, was in zip(workers, before_s, strict=True))
            times = [at for at, _ in accepted(platform)]
        per_second = len(times) / (times[-1] - times[0])
        if len(workers) == 1:
            found |= {"uncapped_per_second": per_second, "uncapped_cpu_ms": 1_000 * spent_s / len(times)}
        else:
            found |= {"second_worker_ratio": per_second / found["uncapped_per_second"]}
    return found


async def owed(bench: Bench) -> dict[str, float]:
    sizes: dict[int, dict[str, float]] = {}
    owed_s = 0.0
    for count in (FEW, MANY):
        await bench.subscribers(count)
        with bench.platform() as platform, bench.processes(platform, "worker", "clock", "web") as processes:
            await asyncio.sleep(8)
            await bench.publish()
            began_s = time.monotonic()
            while not accepted(platform):  # the first is sent when all are owed: they commit together
                await asyncio.sleep(0.05)
            owed_s = time.monotonic() - began_s
            await asyncio.sleep(15)  # a thousand are sent by then, and of the million some thousands
            sizes[count] = processes.resident_mb()
    growth = max(sizes[MANY][name] - sizes[FEW][name] for name in sizes[FEW])
    return {"owed_1m_s": owed_s, "memory_growth_mb": growth}


async def faults(bench: Bench) -> dict[str, float]:
    await bench.subscribers(FAULTY)
    with bench.platform(faults=True) as platform:
        with bench.processes(platform, "worker", "clock") as processes:
            await bench.publish()
            await finished(bench, processes, within_s=300)
        seen = Counter(chat for _, chat in accepted(platform))
    async with bench.db.transaction() as tx:  # what the page of the broadcast shows
        newest = await tx.scalar(text("SELECT max(id) FROM notices WHERE kind = 'update'"))
        page = await delivering.broadcast(tx, newest or 0, at=now())
    sent, gone = page.states["sent"], page.states["gone"]
    wrong = abs(sent - len(seen)) + abs(page.perhaps_twice - sum(n - 1 for n in seen.values()))
    wrong += abs(gone - FAULTY * 5 // 100) + (FAULTY - sent - gone)
    return {"faults_sent": sent, "faults_gone": gone, "faults_miscounted": wrong}


async def kills(bench: Bench, rounds: int) -> dict[str, float]:
    missed, repeated_most, names, chance = 0, 0, ("worker", "clock", "web", "database"), random.Random(6)
    await bench.subscribers(KILLED)
    stopping = asyncio.Event()
    keeping = asyncio.create_task(embedded.keep_running(bench.folder, stopping))
    with bench.platform() as platform, bench.processes(platform, "worker", "clock", "web") as processes:
        for round_ in range(rounds):
            platform.post("/forget")
            await insist(bench.publish)
            wait_for(lambda: accepted(platform), "nothing was sent")
            await asyncio.sleep(chance.uniform(0, 10))
            name = names[round_ % len(names)]
            if name == "database":
                os.kill(postmaster(bench.folder), signal.SIGKILL)
            else:
                processes.kill(name)
            await insist(lambda: finished(bench, processes))
            seen = Counter(chat for _, chat in accepted(platform))
            twice = sum(n - 1 for n in seen.values())
            missed += KILLED - len(seen)
            repeated_most = max(repeated_most, twice)
            print(f"  kill {round_ + 1:>2}  {name:<9} missed {KILLED - len(seen):>3}  repeated {twice:>3}", flush=True)
    stopping.set()
    await keeping
    return {"kill_rounds": rounds, "missed": missed, "repeated_max_per_kill": repeated_most}


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


async def insist(what: Callable[[], Any]) -> None:
    """Do it, however often the database is away."""
    until = time.monotonic() + WITHIN_S
    while True:
        try:
            return await what()
        except Exception:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.2)


async def night(bench: Bench) -> dict[str, float]:
    await bench.subscribers(FEW)
    with bench.platform() as platform, bench.processes(platform, "worker", "clock", hour=23) as processes:
        await asyncio.sleep(8)
        await bench.publish()
        for name in ("worker", "clock"):
            await asyncio.sleep(NIGHT_S)
            processes.kill(name)
            processes.revive()
        await asyncio.sleep(NIGHT_S)
        return {"sent_at_night": len(accepted(platform))}


async def instant(bench: Bench) -> dict[str, float]:
    await bench.subscribers(1)
    waited: list[float] = []
    with bench.platform() as platform, bench.processes(platform, "worker", "clock"):
        await asyncio.sleep(8)
        for n in range(INSTANT):
            began_s = time.time()
            await bench.publish()
            wait_for(lambda n=n: len(accepted(platform)) > n, "the update did not arrive")
            waited.append(accepted(platform)[-1][0] - began_s)
            await asyncio.sleep(1.2)  # a chat takes one message a second
    return {"first_message_p50_s": statistics.median(waited), "first_message_max_s": max(waited)}


async def main(only: list[str], rounds: int) -> None:
    figures: dict[str, float] = {}
    scenarios = {
        "limited": limited,
        "uncapped": uncapped,
        "owed": owed,
        "faults": faults,
        "kills": lambda bench: kills(bench, rounds),
        "night": night,
        "instant": instant,
    }
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        url = stack.enter_context(embedded.started(folder))
        migrate(url)
        bench = Bench(folder, url, Database(url))
        try:
            for name, scenario in scenarios.items():
                if only and name not in only:
                    continue
                print(name, flush=True)
                found = await scenario(bench)
                for figure, value in found.items():
                    print(f"  {figure:<24} {value:>12.3f}", flush=True)
                figures |= found
        finally:
            await bench.db.close()
    print(json.dumps({name: round(figure, 4) for name, figure in figures.items()}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.delivery")
    parser.add_argument("--only", nargs="*", default=[], help="scenarios; all without it")
    parser.add_argument("--rounds", type=int, default=KILL_ROUNDS, help="kills")
    asked = parser.parse_args()
    asyncio.run(main(asked.only, asked.rounds))
