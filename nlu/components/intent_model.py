"""The model inside HybridClassifier, free of Rasa: sentences in, a confidence for each intent out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import minimize
from sklearn.feature_extraction.text import TfidfVectorizer

from components.encoder import encode
from components.spacing import Spacing, learn_spacing
from components.text import is_spaced, is_unspaced, jamo, normalise, without_blanks

# The most frequent pieces of each kind. All of them take three times as long to train and 6 GB, and find no more.
_PIECES = 20_000
_WORD = re.compile(r"[가-힣]|[a-z]{2}|\d")
# Characters of a message that are read: 40 ms. One of 10,000 would keep everybody else waiting for 0.7 s.
_READ = 500
# What a Korean sentence without blanks counts in training: its words are lost, so it leans on little.
_UNSPACED_COUNTS = 2
# Of the regression. After 45 the same held-out sentences are right as after 87, where it ends by itself.
_STEPS = 50


@dataclass(frozen=True)
class Pieces:
    """The pieces of words that one vectoriser counts: how rare each is, and its weight for each intent."""

    vectoriser: TfidfVectorizer
    rarity: np.ndarray
    weights: np.ndarray

    def scores(self, text: str) -> np.ndarray:
        """`vectoriser.transform([text]) @ weights`, in an eighth of the time: checks take most of it there."""
        counts = Counter(map(self.vectoriser.vocabulary_.get, self.vectoriser.build_analyzer()(text)))
        counts.pop(None, None)
        known = np.fromiter(counts, np.intp, len(counts))
        values = (np.log(np.fromiter(counts.values(), np.float32, len(counts))) + 1) * self.rarity[known]
        return values / np.linalg.norm(values) @ self.weights[known]


@dataclass(frozen=True)
class IntentModel:
    """Logistic regression over pieces of words and, where there is an encoder, over the sentence's vector.

    `intents` names the columns of everything else. `vector_weights` is None in a model without the encoder. `signs`
    are the examples without a word in them, such as "ㅇㅇ" and "?".
    """

    intents: tuple[str, ...]
    pieces: tuple[Pieces, ...]
    bias: np.ndarray
    vector_weights: np.ndarray | None
    signs: frozenset[str]
    spacing: Spacing

    def confidences(self, texts: Sequence[str]) -> np.ndarray:
        """One row a text, one column an intent; a row sums to 1.

        What has no word in it, as "?" or "zzz", means what an example of just those signs means; else its row is all
        noughts.
        """
        clean = [normalise(text[:_READ]) for text in texts]
        says_something = [[_has_word(text) or text in self.signs] for text in clean]
        clean = [self.spacing.respaced(text) for text in clean]
        scores = self.bias + np.stack([sum(pieces.scores(text) for pieces in self.pieces) for text in clean])
        if self.vector_weights is not None:
            scores = scores + encode(clean) @ self.vector_weights
        return _softmax(scores) * np.array(says_something)


def fit(texts: Sequence[str], intents: Sequence[str], *, dense: bool, dense_scale: float, C: float) -> IntentModel:
    """Train on sentences and their intents (three or more). The same input gives the same model.

    `dense` adds the encoder's vector, times `dense_scale`: its weight against the pieces of words.
    `C` as scikit-learn has it: the larger, the closer to the examples.
    """
    texts, intents = _with_unspaced_copies([normalise(text) for text in texts], intents)
    counts = np.array([_UNSPACED_COUNTS if is_unspaced(text) else 1 for text in texts], np.float32)
    settings = {"sublinear_tf": True, "max_features": _PIECES, "dtype": np.float32}
    vectorisers = (
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), **settings),
        TfidfVectorizer(analyzer="char", preprocessor=jamo, ngram_range=(3, 6), **settings),
        TfidfVectorizer(analyzer="word", token_pattern=r"\w+", ngram_range=(1, 2), **settings),
    )
    pieces = sparse.hstack([_fit_transform(vectoriser, texts) for vectoriser in vectorisers], format="csr")
    vectors = encode(texts) * np.float32(dense_scale) if dense else np.empty((len(texts), 0), np.float32)
    names, classes = np.unique(intents, return_inverse=True)
    weights = _regression(pieces, vectors, classes, C * counts)

    ends = np.cumsum([len(vectoriser.vocabulary_) for vectoriser in vectorisers])
    *piece_weights, vector_weights, bias = np.split(weights, [*ends, len(weights) - 1])
    return IntentModel(
        intents=tuple(map(str, names)),
        pieces=tuple(
            Pieces(vectoriser, vectoriser.idf_, its) for vectoriser, its in zip(vectorisers, piece_weights, strict=True)
        ),
        bias=bias[0],
        vector_weights=vector_weights * np.float32(dense_scale) if dense else None,
        signs=frozenset(text for text in texts if not _has_word(text)),
        spacing=learn_spacing(texts),
    )


def _regression(pieces: sparse.csr_matrix, vectors: np.ndarray, classes: np.ndarray, C: np.ndarray) -> np.ndarray:
    """Weights of a multinomial logistic regression: a row a piece, a row a number of the vector, the last the bias.

    scikit-learn's, in a quarter of its time: it would have the vectors among the sparse pieces, in double precision,
    and go on long after nothing changes any more. The bias is not held down, as there.
    """
    rows, count = len(classes), int(classes.max()) + 1
    ends = [pieces.shape[1], pieces.shape[1] + vectors.shape[1]]
    by_piece = pieces.T.tocsr()
    is_class = np.zeros((rows, count), np.float32)
    is_class[np.arange(rows), classes] = 1

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.astype(np.float32).reshape(-1, count)
        of_pieces, of_vectors, bias = np.split(weights, ends)
        guessed = _softmax(pieces @ of_pieces + vectors @ of_vectors + bias)
        off = C[:, np.newaxis] * (guessed - is_class)
        slope = np.vstack([by_piece @ off, vectors.T @ off, off.sum(axis=0, keepdims=True)])
        slope[:-1] += weights[:-1]
        surprise = -np.log(guessed[np.arange(rows), classes].clip(1e-30)) @ C.astype(np.float64)
        size = np.square(weights[:-1]).sum(dtype=np.float64)
        return surprise + size / 2, slope.ravel().astype(np.float64)

    start = np.zeros((ends[-1] + 1) * count)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "ftol": 1e-7})
    return found.x.astype(np.float32).reshape(-1, count)


def _fit_transform(vectoriser: TfidfVectorizer, texts: Sequence[str]) -> sparse.csr_matrix:
    """As scikit-learn does it, without keeping the pieces left out: they would make up most of the model."""
    block = vectoriser.fit_transform(texts)
    del vectoriser.stop_words_
    return block


def _with_unspaced_copies(texts: Sequence[str], intents: Sequence[str]) -> tuple[list[str], list[str]]:
    """Every Korean example once more without its blanks, as many people type on a phone."""
    unspaced = [(without_blanks(text), intent) for text, intent in zip(texts, intents, strict=True) if is_spaced(text)]
    return [*texts, *(text for text, _ in unspaced)], [*intents, *(intent for _, intent in unspaced)]


def _has_word(text: str) -> bool:
    return bool(_WORD.search(text)) and len({letter for letter in text if letter.isalnum()}) > 1


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
