"""Each slice has one public entry point: it exports what it imports, somebody needs that, nobody goes around it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLICES = sorted(path.parent for path in (ROOT / "flows").glob("*/__init__.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(init: Path) -> set[str]:
    return {
        alias.asname or alias.name
        for node in ast.walk(tree(init))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def exported(init: Path) -> list[str]:
    for node in tree(init).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    return []


@cache
def code_outside(slice_: Path) -> str:
    """All code that is not the slice's own; its jobs are the worker's way in, and come through the front door too."""
    folders = (ROOT / name for name in ("flows", "bot", "tests", "bench"))
    paths = [path for folder in folders for path in folder.rglob("*.py") if Path(__file__).parent not in path.parents]
    return "\n".join(p.read_text("utf-8") for p in paths if slice_ not in p.parents or p.name == "jobs.py")


@pytest.mark.parametrize("slice_", SLICES, ids=lambda path: path.name)
def test_all_is_what_the_slice_imports(slice_: Path) -> None:
    names = exported(slice_ / "__init__.py")
    assert {*names} == imported(slice_ / "__init__.py"), f"flows/{slice_.name}/__init__.py: __all__ and imports differ"
    assert len(names) == len(set(names)), f"flows/{slice_.name}/__init__.py: __all__ names something twice"


@pytest.mark.parametrize("slice_", SLICES, ids=lambda path: path.name)
def test_each_exported_name_is_used_by_somebody_else(slice_: Path) -> None:
    outside = code_outside(slice_)
    by_import = {
        name.strip().split(" as ")[0]
        for names in re.findall(rf"from flows\.{slice_.name} import \(?([^)\n]+(?:\n[^)]*)?)\)?", outside)
        for name in re.split(r"[,\n]", names)
    }
    unused = {
        name
        for name in exported(slice_ / "__init__.py")
        if name not in by_import and not re.search(rf"\b{slice_.name}\.{name}\b", outside)
    }
    assert not unused, f"flows/{slice_.name} exports what nobody outside uses: {sorted(unused)}"


@pytest.mark.parametrize("slice_", SLICES, ids=lambda path: path.name)
def test_nobody_reaches_inside(slice_: Path) -> None:
    """Jobs and what stands in `store` are named by their module; everything else by its slice."""
    if slice_.name == "store":
        return
    reached = {
        f"{path.relative_to(ROOT)}: {node.module}"
        for folder in ("flows", "bot")
        for path in (ROOT / folder).rglob("*.py")
        if slice_ not in path.parents
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(f"flows.{slice_.name}.")
        and node.module != f"flows.{slice_.name}.jobs"
    }
    assert not reached, f"import these from flows.{slice_.name} itself: {sorted(reached)}"
