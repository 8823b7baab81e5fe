"""HybridClassifier: Rasa's side of the intent model."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.encoder import encoder_version
from components.fingerprint import source_fingerprint
from components.intent_model import IntentModel, fit

RANKING_LENGTH = 10
_FILE = "intents.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class HybridClassifier(IntentClassifier, GraphComponent):
    """Intents of Korean and English sentences; needs no tokenizer and no featurizer before it.

    `dense`, `dense_scale` and `C` are those of `intent_model.fit`.
    """

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: IntentModel | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"dense": True, "dense_scale": 1.0, "C": 20.0}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        encoder = encoder_version() if config["dense"] else "none"
        return f"{source_fingerprint()} encoder {encoder}"

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HybridClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        self._model = fit(
            [message.get(TEXT) for message in examples],
            [message.get(INTENT) for message in examples],
            dense=self._config["dense"],
            dense_scale=self._config["dense_scale"],
            C=self._config["C"],
        )
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / _FILE, compress=3)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> HybridClassifier:
        """The trained component, warm: the encoder loads now and not under the first citizen's message."""
        with model_storage.read_from(resource) as folder:
            model = joblib.load(folder / _FILE)
        model.confidences(["준비 ready"])
        return cls(config, model_storage, resource, model)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the likeliest intent, and the ranking of the likeliest ten."""
        confidences = self._model.confidences([message.get(TEXT) or "" for message in messages])
        for message, row in zip(messages, confidences, strict=True):
            ranking = [
                {"name": self._model.intents[column], "confidence": float(row[column])}
                for column in np.argsort(-row, kind="stable")[:RANKING_LENGTH]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
