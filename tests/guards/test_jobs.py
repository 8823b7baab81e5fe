"""Every job that is put on the queue has a worker that knows it, and no worker waits for what nobody asks for."""

import ast
from pathlib import Path

import flows.delivering.jobs  # noqa: F401  # its tasks register themselves, as in the worker
from flows.store.queue import app

ROOT = Path(__file__).parents[2]
THEIRS = "procrastinate"  # tasks that the library brings along


def deferred() -> dict[str, str]:
    """The name of every task that is deferred, and where."""
    found = {}
    for path in sorted([*(ROOT / "flows").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]):
        where = path.relative_to(ROOT)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "defer":
                task = node.args[1] if len(node.args) > 1 else None
                assert isinstance(task, ast.Constant), f"{where}:{node.lineno}: name the task in plain words here"
                found[str(task.value)] = f"{where}:{node.lineno}"
    return found


def test_every_deferred_job_has_a_worker_and_every_task_is_deferred() -> None:
    registered = {name for name in app.tasks if THEIRS not in name}
    asked = deferred()
    orphans = {name: where for name, where in asked.items() if name not in registered}
    assert not orphans, f"deferred, but no task of that name is in a jobs.py that the worker imports: {orphans}"
    idle = registered - {*asked}
    assert not idle, f"registered, but deferred nowhere in flows or bot: {idle}"


def test_every_jobs_module_is_imported_by_the_worker() -> None:
    worker = (ROOT / "bot" / "worker.py").read_text("utf-8")
    for path in (ROOT / "flows").rglob("jobs.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        assert f"from {module} import" in worker, f"bot/worker.py never imports {module}"
