"""What the tests share: the project's own data, read once."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData

NLU = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def training_data() -> TrainingData:
    return load_data(str(NLU / "data"))


@pytest.fixture(scope="session")
def held_out() -> TrainingData:
    files = sorted((NLU / "tests").glob("test_*.yml"))
    return TrainingData().merge(*(load_data(str(path)) for path in files))
