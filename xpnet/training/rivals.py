"""Losses that look at the lowest energies only: over a large label set, learn from the desired answer and its rival."""

from dataclasses import dataclass, replace
from typing import final

from xpnet._typing import Array
from xpnet.inference.label_stream import LabelStream
from xpnet.training.question import Question


@final
@dataclass(frozen=True)
class Rivals:
    """A question with few labels for each sample, its answer among these, and the lowest energy (…) of all labels."""

    question: Question
    answer: Array
    lowest: Array


def rivals_of(question: Question, stream: LabelStream, answer: Array, *, beside: bool) -> Rivals:
    """The same question with two labels for each sample, the desired one and the lowest of the others.

    answer: numbers of labels, or the number of labels where the desired answer stands behind them (junk; or `beside`,
    one code for each sample). All losses in which no other energy counts have the same value and gradient on these.
    """
    labels, xp = stream.labels, stream.xp
    energies, ids = stream.lowest(min(2, labels.count))
    inside = answer < labels.count
    desired = xp.where(inside, answer, ids[..., 0])
    rival = xp.where(ids[..., 0] == desired, ids[..., -1], ids[..., 0])
    if beside:
        kept, answer = ids[..., :1], xp.ones_like(answer)
    elif labels.count == 1:
        kept = desired[..., None]
    else:
        kept, answer = xp.stack([desired, rival], axis=-1), xp.where(inside, xp.zeros_like(answer), 2)
    return Rivals(replace(question, labels=labels.narrowed(kept)), answer, energies[..., 0])
