"""PhraseExtractor: Rasa's side of the phrase book."""

from __future__ import annotations

from typing import Any

import rasa.shared.utils.io as rasa_io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.fingerprint import source_fingerprint
from components.phrase_book import PhraseBook

_FILE = "phrases.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class PhraseExtractor(GraphComponent, EntityExtractorMixin):
    """Entities from Rasa's own lookup tables, synonyms and regular expressions, with their values in one step.

    A lookup table lists the values of an entity, the synonyms of a value what people say for it. Rasa's
    RegexEntityExtractor needs a word boundary, which Korean particles take away (에너지는), or finds "ko" in
    "Kongo"; its EntitySynonymMapper wants every spacing and spelling listed.
    """

    def __init__(self, storage: ModelStorage, resource: Resource, book: PhraseBook | None = None) -> None:
        self._storage = storage
        self._resource = resource
        self._book = book

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return source_fingerprint()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PhraseExtractor:
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        content = {"phrases": _phrases(training_data), "patterns": _patterns(training_data)}
        self._book = PhraseBook(**content)
        with self._storage.write_to(self._resource) as folder:
            rasa_io.dump_obj_as_json_to_file(folder / _FILE, content)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> PhraseExtractor:
        with model_storage.read_from(resource) as folder:
            content = rasa_io.read_json_file(folder / _FILE)
        return cls(model_storage, resource, PhraseBook(**content))

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what the phrase book finds to each message's entities."""
        for message in messages:
            found = [
                {
                    ENTITY_ATTRIBUTE_TYPE: mention.entity,
                    ENTITY_ATTRIBUTE_VALUE: mention.value,
                    ENTITY_ATTRIBUTE_START: mention.start,
                    ENTITY_ATTRIBUTE_END: mention.end,
                }
                for mention in self._book.mentions(message.get(TEXT) or "")
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + self.add_extractor_name(found), add_to_output=True)
        return messages


def _phrases(training_data: TrainingData) -> dict[str, dict[str, list[str]]]:
    synonyms = training_data.entity_synonyms
    return {
        table["name"]: {
            value: [value, *(said for said, meant in synonyms.items() if meant == value)] for value in table["elements"]
        }
        for table in training_data.lookup_tables
    }


def _patterns(training_data: TrainingData) -> dict[str, list[str]]:
    patterns: dict[str, list[str]] = {}
    for feature in training_data.regex_features:
        patterns.setdefault(feature["name"], []).append(feature["pattern"])
    return patterns
