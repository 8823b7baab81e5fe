"""The model inside HybridClassifier, free of Rasa: sentences in, a confidence for each intent out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from components.encoder import encode
from components.text import HANGUL, jamo, normalise, without_blanks

# The most frequent pieces of each kind. All of them (72,000 and 149,000) take three times as long to train and 6 GB,
# and find no more: 94.8 against 94.9 % right on tests/test_data.yml.
_PIECES = 20_000
# Characters of a message that are read: 40 ms. One of 10,000 would keep everybody else waiting for 0.7 s.
_READ = 500


@dataclass(frozen=True)
class IntentModel:
    """Logistic regression over pieces of words and, where there is an encoder, over the sentence's vector.

    `intents` names the columns of everything else; `term_weights` has one matrix a vectoriser. `anchors` are
    the vectors of the training examples. The last two are None in a model without the encoder.
    """

    intents: tuple[str, ...]
    vectorisers: tuple[TfidfVectorizer, ...]
    bias: np.ndarray
    term_weights: tuple[np.ndarray, ...]
    vector_weights: np.ndarray | None
    anchors: np.ndarray | None

    def confidences(self, texts: Sequence[str]) -> np.ndarray:
        """One row a text, one column an intent.

        A row sums to the cosine between the text and the training example nearest to it, so that what resembles
        nothing seen is unsure whatever the regression says; without the encoder it sums to 1.
        """
        clean = [normalise(text[:_READ]) for text in texts]
        scores = self.bias
        for vectoriser, weights in zip(self.vectorisers, self.term_weights, strict=True):
            scores = scores + vectoriser.transform(clean) @ weights
        if self.anchors is None:
            return _softmax(scores)
        vectors = encode(clean)
        nearest = (vectors @ self.anchors.T).max(axis=1, keepdims=True).clip(0, 1)
        return _softmax(scores + vectors @ self.vector_weights) * nearest


def fit(texts: Sequence[str], intents: Sequence[str], *, dense: bool, dense_scale: float, C: float) -> IntentModel:
    """Train on sentences and their intents (three or more). The same input gives the same model.

    `dense` adds the encoder's vector, times `dense_scale`: its weight against the pieces of words.
    `C` as scikit-learn has it: the larger, the closer to the examples.
    """
    texts, intents = _with_unspaced_copies([normalise(text) for text in texts], intents)
    pieces = {"sublinear_tf": True, "max_features": _PIECES, "dtype": np.float32}
    vectorisers = (
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), **pieces),
        TfidfVectorizer(analyzer="char", preprocessor=jamo, ngram_range=(3, 6), **pieces),
    )
    blocks = [_fit_transform(vectoriser, texts) for vectoriser in vectorisers]
    anchors = encode(texts) if dense else None
    if anchors is not None:
        blocks.append(sparse.csr_matrix(anchors * dense_scale))

    regression = LogisticRegression(C=C, max_iter=1000)
    regression.fit(sparse.hstack(blocks, format="csr"), np.asarray(intents))

    ends = np.cumsum([block.shape[1] for block in blocks])[:-1]
    weights = [np.ascontiguousarray(part, np.float32) for part in np.split(regression.coef_.T, ends)]
    return IntentModel(
        intents=tuple(map(str, regression.classes_)),
        vectorisers=vectorisers,
        bias=regression.intercept_.astype(np.float32),
        term_weights=tuple(weights[: len(vectorisers)]),
        vector_weights=weights[-1] * np.float32(dense_scale) if dense else None,
        anchors=anchors,
    )


def _fit_transform(vectoriser: TfidfVectorizer, texts: Sequence[str]) -> sparse.csr_matrix:
    """As scikit-learn does it, without keeping the pieces left out: they would make up most of the model."""
    block = vectoriser.fit_transform(texts)
    del vectoriser.stop_words_
    return block


def _with_unspaced_copies(texts: Sequence[str], intents: Sequence[str]) -> tuple[list[str], list[str]]:
    """Every Korean example once more without its blanks, as many people type on a phone."""
    unspaced = [
        (without_blanks(text), intent)
        for text, intent in zip(texts, intents, strict=True)
        if " " in text and HANGUL.search(text)
    ]
    return [*texts, *(text for text, _ in unspaced)], [*intents, *(intent for _, intent in unspaced)]


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
