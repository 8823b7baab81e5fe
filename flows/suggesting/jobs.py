"""Jobs of suggesting: a slice function called, nothing else."""

from procrastinate import JobContext

from flows import suggesting
from flows.delivering.jobs import Hands
from flows.store.queue import app


@app.task(name="suggesting:sweep_files", pass_context=True)
async def sweep_files(context: JobContext) -> None:
    """No retry: the clock asks again."""
    hands: Hands = context.additional_context["hands"]
    await suggesting.sweep_files(hands.db, hands.files, at=hands.now())


@app.task(name="suggesting:encode", pass_context=True)
async def encode(context: JobContext) -> None:
    """No retry: the clock asks again."""
    hands: Hands = context.additional_context["hands"]
    await suggesting.encode(hands.db)
