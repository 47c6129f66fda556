"""The box at the top of a page: what the answers below say, one sentence each."""

from salestrack.analyses.answer import Answer, Sentences
from salestrack.wording import say


def in_short(*answers: Answer, most: int = 6) -> Sentences:
    """Return the first sentence of each answer, in order.

    An answer without rows (the book lacks what it needs) has nothing for the box; its own place on the page says why.

    Parameters
    ----------
    *answers : Answer
        In the order of their weight.
    most : int
        How many sentences at the most.
    """
    said = [answer.first for answer in answers if len(answer.frame) and answer.sentences]
    return Sentences(list(dict.fromkeys(said))[:most] or [say("in-short-nothing")], look="finding")
