"""Temperature scaling: the β at which probabilities of energies fit the labels best."""

import math

import numpy as np

from xpnet._typing import HostArray
from xpnet.errors import DataError, NotFiniteError
from xpnet.ops.gibbs import softmax
from xpnet.ops.gibbs import surprisal as surprisal_of
from xpnet.report.meters.checks import checked_energies, checked_labels, require_same_length

STEPS = 100  # of Newton or bisection; a dozen are usual
TOLERANCE = 1e-13  # relative, of β


def fit_beta(energies: HostArray, desired: HostArray) -> float:
    """argmin_{β ≥ 0} 1/N Σ -log P(desired) with P(k) ∝ exp(-β E_k), for energies (N, K) and labels (N,).

    This is temperature scaling, β = 1/T: Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks",
    ICML 2017. The answers stay the same, only their probabilities change. +∞ forbids a label at every β. The mean is
    convex in β; it is minimal at 0 where energies mislead, at inf where no other label is ever below the desired one,
    and everywhere, for which 1 is returned, where all possible labels of every sample have equal energies.

    >>> round(fit_beta(np.array([[0.0, 2.0], [0.0, 2.0], [0.0, 2.0], [2.0, 0.0]]), np.array([0, 0, 0, 0])), 6)
    0.549306
    """
    gaps, own = _gaps(energies, desired)
    levels = gaps[np.isfinite(gaps)]
    if not levels.any():
        return 1.0
    if not own.any():
        return math.inf
    scale = float(levels.max())
    gaps, own = gaps / scale, own / scale  # squares of energies must not overflow
    return 0.0 if _slope_and_bend(gaps, own, 0.0)[0] >= 0 else _root(gaps, own) / scale


def surprisals(energies: HostArray, desired: HostArray, beta: float) -> HostArray:
    """-log P(desired) of each sample (N,) at β, which may be 0 or ±inf; +∞ where the label is forbidden.

    >>> surprisals(np.array([[0.0, np.log(3.0), np.inf]]), np.array([1]), 1.0).round(4).tolist()
    [1.3863]
    """
    energies = checked_energies(energies)
    desired = checked_labels("desired", desired, energies.shape[1])
    require_same_length(energies=energies, desired=desired)
    rows = np.arange(len(desired))
    if beta == 0 or math.isinf(beta):
        with np.errstate(divide="ignore"):
            return -np.log(softmax(np, energies, float(beta))[rows, desired])
    return np.maximum(beta * surprisal_of(np, energies, float(beta))[rows, desired], 0.0)  # never -1e-17


def _gaps(energies: HostArray, desired: HostArray) -> tuple[HostArray, HostArray]:
    """E_k - min_k E_k (N, K), and that of the desired labels (N,)."""
    energies = checked_energies(energies)
    desired = checked_labels("desired", desired, energies.shape[1])
    require_same_length(energies=energies, desired=desired)
    if not len(desired):
        msg = "β cannot be fitted to no samples; give at least one row of energies"
        raise DataError(msg)
    own = energies[np.arange(len(desired)), desired]
    if (energies == -np.inf).any() or (own == np.inf).any():
        row = int(((energies == -np.inf).any(axis=1) | (own == np.inf)).argmax())
        what = "holds -inf" if (energies[row] == -np.inf).any() else f"forbids (+inf) the desired label {desired[row]}"
        msg = f"row {row} of the energies {what}, which no β changes; leave such samples out of the fit"
        raise NotFiniteError(msg)
    least = energies.min(axis=1)
    return energies - least[:, None], own - least


def _slope_and_bend(gaps: HostArray, own: HostArray, beta: float) -> tuple[float, float]:
    """The mean's derivatives by β: E_desired - ⟨E⟩, and the variance of E under P."""
    p = softmax(np, gaps, beta)
    levels = np.where(np.isinf(gaps), 0.0, gaps)
    mean = (p * levels).sum(axis=1)
    spread = np.where(p > 0, levels - mean[:, None], 0.0)
    return float((own - mean).mean()), float((p * spread**2).sum(axis=1).mean())


def _root(gaps: HostArray, own: HostArray) -> float:
    """Where the slope, which ascends from below 0, is 0: Newton steps that bisection keeps inside a bracket."""
    low, beta, high = 0.0, 1.0, math.inf
    for _ in range(STEPS):
        slope, bend = _slope_and_bend(gaps, own, beta)
        low, high = (beta, high) if slope < 0 else (low, beta)
        step = beta - slope / bend if bend > 0 else math.inf
        if math.isinf(high):
            step = min(max(step, low), 4.0 * low)
        elif not low <= step <= high:
            step = (low + high) / 2
        if abs(step - beta) <= TOLERANCE * beta:
            return step
        beta = step
    return beta
