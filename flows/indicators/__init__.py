"""Figures a citizen can ask for (지표): series of numbers with unit, source and date, from files and from staff."""

from flows.indicators.content import read_series, series_faults
from flows.indicators.importing import ImportMoved, Preview, preview, row_of, take_in
from flows.indicators.reading import COLUMNS, Known
from flows.indicators.rows import NoSuchIndicator, get, load_series, shown
from flows.indicators.said import (
    change_said,
    correction_said,
    figure,
    picture_path,
    picture_said,
    under,
    value_said,
)
from flows.indicators.values import Described, Indicator, Observation

__all__ = [
    "COLUMNS",
    "Described",
    "ImportMoved",
    "Indicator",
    "Known",
    "NoSuchIndicator",
    "Observation",
    "Preview",
    "change_said",
    "correction_said",
    "figure",
    "get",
    "load_series",
    "picture_path",
    "picture_said",
    "preview",
    "read_series",
    "row_of",
    "series_faults",
    "shown",
    "take_in",
    "under",
    "value_said",
]
