"""What staff do to a suggestion: the queue, the states and which may follow which, the public answer."""

from flows.reviewing.review import AnswerMissing, Review, decide, history
from flows.reviewing.states import NEEDS_ANSWER, NEXT

__all__ = ["NEEDS_ANSWER", "NEXT", "AnswerMissing", "Review", "decide", "history"]
