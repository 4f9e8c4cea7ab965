"""All that the energies of labelled samples tell beyond the number of errors."""

from dataclasses import dataclass

import numpy as np

from xpnet._typing import HostArray
from xpnet.data.answers import Answered
from xpnet.report.meters import Calibration, ErrorReject, Gaps, calibrate, energy_gaps, error_reject, fit_beta
from xpnet.report.meters.temperature import surprisals


@dataclass(frozen=True, eq=False)
class Quality:
    """Error-reject curves by what is thresholded, energy gaps, and calibration at the β given and at that fitted."""

    curves: dict[str, ErrorReject]
    gaps: Gaps
    given: tuple[float, Calibration]
    fitted: tuple[float, Calibration]


def quality(answers: Answered, desired: HostArray, beta: float = 1.0) -> Quality:
    """The quality of answers to samples with labels (N,); β is fitted to the same samples.

    Curves: "margin", "energy" (minus the energy of the answer) and "probability" at the β given.

    >>> answers = Answered(np.array([1, 0]), np.array([[3.0, 0.5], [0.5, 0.7]]))
    >>> told = quality(answers, np.array([1, 1]))
    >>> told.gaps.signs, told.curves["margin"].at_error(0.0).reject_rate
    ((1, 0, 1), 0.5)
    """
    wrong = answers.index != desired
    fitted = _fitted(answers.energies, desired, beta)
    return Quality(
        {name: error_reject(values, wrong) for name, values in confidences(answers, beta).items()},
        energy_gaps(answers.energies, desired),
        (beta, _calibration(answers, desired, beta)),
        (fitted, _calibration(answers, desired, fitted)),
    )


def confidences(answers: Answered, beta: float) -> dict[str, HostArray]:
    """What answers may be refused by (N,), each the higher the better; no answer has -∞."""
    found = {"margin": answers.margins(), "energy": -answers.best(), "probability": answers.probability(beta)}
    return {name: np.where(answers.index < 0, -np.inf, values) for name, values in found.items()}


def _calibration(answers: Answered, desired: HostArray, beta: float) -> Calibration:
    surprisal = surprisals(answers.energies, desired, beta)
    return calibrate(answers.probability(beta), answers.index == desired, surprisal)


def _fitted(energies: HostArray, desired: HostArray, beta: float) -> float:
    """The fitted β, or the one given where no sample tells anything: energies of ±∞ do not depend on it."""
    own = energies[np.arange(len(desired)), desired]
    usable = (own < np.inf) & (energies > -np.inf).all(axis=1)
    return fit_beta(energies[usable], desired[usable]) if usable.any() else beta
