"""Learning against a random part of the label set, with the correction that makes its sum right."""

from dataclasses import dataclass, field
from typing import final

import numpy as np

from xpnet._typing import Array, HostArray
from xpnet.backend import Backend
from xpnet.checks import whole
from xpnet.errors import LabelError
from xpnet.streams import stream


@final
@dataclass(frozen=True)
class Drawn:
    """The labels that compete in one step: numbers (P,), where each sample's desired one is, and energy offsets (B, P).

    A negative whose expected number of draws is c and that was drawn t times has the offset 1/β log(c / t), so that
    exp(-β E) counts t/c times. +∞ keeps out what is in the pool only because another sample desires it.
    """

    ids: Array
    position: Array
    offsets: Array


@final
@dataclass
class SampledNegatives:
    """`count` negatives drawn for each step, the same for all samples of a batch; each sample adds its desired label.

    proposal: None draws without repetition, all labels alike; or K weights, by which `count` draws are made with
    repetition (frequent words more often, say). With the likelihood losses, Z = Σ_k exp(-β E_k) is estimated by
    exp(-β E_Y) + Σ_j exp(-β E_j) t_j / c_j over the negatives j other than Y, drawn t_j times where c_j are expected:
    the expectation of the estimate is Z itself, whatever the count, and with count = K it is Z. (The loss takes its
    logarithm, whose expectation is lower, by a term that falls as 1/count.) Other losses look at the lowest energies
    only and take no correction. seed: of the draws, which are the same on every backend; step: how many were made.

    Sampled softmax with its log Q correction (Bengio and Senécal 2008, Jean et al. 2015).

    >>> from xpnet.backend import get_backend
    >>> drawn = SampledNegatives(3, seed=1).draw(get_backend("numpy"), np.asarray([7, 7]), 10, beta=1.0)
    >>> drawn.ids[drawn.position].tolist(), drawn.offsets.shape[0]
    ([7, 7], 2)
    """

    count: int
    proposal: HostArray | None = None
    seed: int = 0
    step: int = 0
    _cumulated: HostArray | None = field(default=None, init=False, repr=False, compare=False)

    def draw(self, backend: Backend, label: Array, n_labels: int, beta: float | None) -> Drawn:
        """The pool of the next step; label: integers () or (B,). beta: None leaves the correction out."""
        whole(self.count, "count, of negatives to draw,", error=LabelError)
        drawn, times, expected = self._negatives(n_labels)
        self.step += 1
        host = np.asarray(backend.to_numpy(label))
        labels = host < n_labels  # the others desire junk, which stands behind all labels
        ids = np.unique(np.concatenate([drawn, host[labels]]))
        offsets = np.full(len(ids), np.inf)
        offsets[np.searchsorted(ids, drawn)] = 0.0 if beta is None else np.log(expected / times) / beta
        position = np.where(labels, np.searchsorted(ids, host), len(ids))
        own = position[..., None] == np.arange(len(ids))
        table = backend.asarray(np.where(own, 0.0, offsets))
        return Drawn(backend.indices(ids), backend.indices(position), table)

    def _negatives(self, n_labels: int) -> tuple[HostArray, HostArray, HostArray]:
        """Distinct labels, how often each was drawn, and how often each is expected to be."""
        generator = stream(self.seed, "negatives", str(self.step))
        if self.proposal is None:
            if not 1 <= self.count <= n_labels:
                msg = f"between 1 and {n_labels} negatives can be drawn of {n_labels} labels; got count={self.count}"
                raise LabelError(msg)
            drawn = np.sort(generator.choice(n_labels, self.count, replace=False))
            return drawn, np.ones(self.count), np.full(self.count, self.count / n_labels)
        cumulated = self._checked(n_labels)
        draws = np.searchsorted(cumulated, generator.random(self.count), side="right")
        drawn, times = np.unique(draws, return_counts=True)
        probability = np.diff(cumulated, prepend=0.0)[drawn]
        return drawn, times, self.count * probability

    def _checked(self, n_labels: int) -> HostArray:
        """The proposal as a distribution function."""
        if self._cumulated is None or len(self._cumulated) != n_labels:
            weights = _weights(self.proposal)
            total = weights.sum()
            fits = weights.shape == (n_labels,) and 0 < total < np.inf and weights.min() >= 0
            if not fits or self.count < 1:
                msg = (
                    f"a proposal is {n_labels} weights, none negative and some positive, and count at least 1; got "
                    f"shape {weights.shape} with sum {total}, count={self.count}"
                )
                raise LabelError(msg)
            self._cumulated = np.cumsum(weights) / total
            self._cumulated[np.flatnonzero(weights)[-1] :] = 1.0  # rounding must not leave a gap at the end
        return self._cumulated


def sampled(negatives: object) -> SampledNegatives:
    """What was given, if it is SampledNegatives; LabelError for anything else."""
    if isinstance(negatives, SampledNegatives):
        return negatives
    msg = f"negatives= takes SampledNegatives(count); got {negatives!r}"
    raise LabelError(msg)


def _weights(proposal: object) -> HostArray:
    try:
        return np.asarray(proposal, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"a proposal is one weight for each label; got {proposal!r}"
        raise LabelError(msg) from error
