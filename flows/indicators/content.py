"""The series that the city's files have: `series/<code>.yml`."""

import re
from collections.abc import Set
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from flows.indicators.values import CODE, Written

SERIES = Path(__file__).parent / "series"


@cache
def read_series() -> dict[str, Written]:
    """Every series by its code, in the order of their names. Raises ValueError, saying which file lacks what."""
    faults: list[str] = []
    series = _read(SERIES, faults)
    if faults:
        raise ValueError("\n".join(faults))
    return series


def series_faults(topics: Set[str], commitments: Set[str], folder: Path = SERIES) -> list[str]:
    """What is wrong with the files, a line each; `topics` and `commitments` are those that there are."""
    faults: list[str] = []
    for code, series in _read(folder, faults).items():
        faults += [f"{code}.yml: unknown topic {lost}" for lost in series.topics if lost not in topics]
        if series.commitment is not None and series.commitment not in commitments:
            faults.append(f"{code}.yml: unknown commitment {series.commitment}")
        faults += [f"{code}.yml: no numbers yet"] * (not series.points)
    return faults


def _read(folder: Path, faults: list[str]) -> dict[str, Written]:
    found = {}
    for path in sorted(folder.glob("*.yml")):
        if not re.match(CODE, path.stem):
            faults.append(f"{path.name}: a file's name is lower-case letters, digits and _")
        try:
            found[path.stem] = Written.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as wrong:
            faults.append(f"{path.name}: cannot be read: {' '.join(str(wrong).split())}")
        except ValidationError as wrong:
            faults += [": ".join([path.name, ".".join(map(str, e["loc"])), e["msg"]]) for e in wrong.errors()]
    return found
