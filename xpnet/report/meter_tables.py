"""Tables for the terminal: rejection, operating points, gaps, calibration."""

import math
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Context, Decimal

from rich.table import Table

from xpnet.report.meters import Calibration, Confusion, Counts, ErrorReject, Gaps, OperatingPoint
from xpnet.report.quality import Quality
from xpnet.report.tables import confusion_table, plain_table

SHARES = (1.0, 0.5, 0.25, 0.1)  # of the error without rejection


def share(rate: float) -> str:
    """A share of 1 in percent, with two digits.

    >>> share(0.02), share(float("nan"))
    ('2.00 %', '-')
    """
    return "-" if math.isnan(rate) else f"{100 * rate:.2f} %"


def counts_table(parts: dict[str, Counts]) -> Table:
    """One row per part of the data: samples, what became of them, and the error among the accepted."""
    table = plain_table("part", "samples", "correct", "error", "rejected", "error of accepted")
    for name, part in parts.items():
        rates = (part.correct_rate, part.error_rate, part.reject_rate, part.accepted_error_rate)
        table.add_row(name, str(part.count), *map(share, rates))
    return table


def rejection_table(confusion: Confusion, label_names: Sequence[str], widest: int = 20) -> Table:
    """Counts: one row per desired label, one column per answered label, the last of the rejected, and the row's error.

    With more labels than `widest`, only the most frequent errors.
    """
    if len(label_names) > widest:
        return confusion_table(confusion.answered, label_names, widest)
    table = plain_table("desired", *label_names, "rejected", "error", title="answered")
    for name, counts, error in zip(label_names, confusion.counts, confusion.class_errors(), strict=True):
        table.add_row(name, *(str(count) if count else "·" for count in counts), share(error))
    return table


def operating_table(curves: dict[str, ErrorReject]) -> Table:
    """The error of all answers, its half, quarter and tenth: what must be rejected, and where, to get there.

    One column per curve; that called "energy" is of minus the energy, and told as a bound on the energy from above.
    """
    table = plain_table(
        "error", *(f"by {name}" for name in curves), title="rejected, so that the error of the accepted is at most"
    )
    starts = [float(curve.accepted_error_rates[0]) for curve in curves.values() if curve.count]
    for rate in [part * max(starts) for part in SHARES] if any(starts) else starts[:1]:
        table.add_row(share(rate), *(_rejection(curve.at_error(rate), kind) for kind, curve in curves.items()))
    return table


def calibration_table(quality: Quality) -> Table:
    """One row per β: expected and maximum calibration error, Brier score, mean -log P of the desired label."""
    table = plain_table("calibration", "ECE", "MCE", "Brier", "-log P(desired)")
    for name, (beta, calibration) in (("given", quality.given), ("fitted", quality.fitted)):
        table.add_row(f"β = {beta:.4g}, {name}", *_calibration_cells(calibration))
    return table


def gap_line(gaps: Gaps) -> str:
    """One line on E(desired) - min E(other): how many are negative, and where they lie.

    >>> import numpy as np
    >>> gap_line(Gaps(np.array([-2.0, -1.0, -0.5, 0.25])))
    'energy gaps: 3 of 4 below 0 (right), median -1, 95 % up to 0.25, largest 0.25'
    """
    right = gaps.signs[0]
    places = (f"{words} {gaps.quantile(part):.4g}" for words, part in (("median", 0.5), ("95 % up to", 0.95)))
    middle = ", ".join(places)
    largest = f"largest {gaps.quantile(1.0):.4g}"
    return f"energy gaps: {right} of {len(gaps.values)} below 0 (right), {middle}, {largest}"


def _rejection(point: OperatingPoint | None, kind: str) -> str:
    if point is None:
        return "all"
    if math.isinf(point.beyond):
        return share(point.reject_rate)
    bound = _short(point.beyond, point.threshold)
    told = f"≤ {-bound:g}" if kind == "energy" else f"≥ {bound:g}"
    return f"{share(point.reject_rate)} ({told})"


def _short(beyond: float, threshold: float) -> Decimal:
    """The number of fewest digits in (beyond, threshold].

    >>> str(_short(0.7071, 0.71828)), str(_short(-13.2, -12.9)), str(_short(3.0, math.inf))
    ('0.71', '-13', 'Infinity')
    """
    exact = Decimal(repr(threshold))
    if exact.is_infinite():
        return exact
    shorter = (Context(prec=digits, rounding=ROUND_FLOOR).plus(exact) for digits in range(1, 17))
    return next((short for short in shorter if beyond < float(short)), exact)


def _calibration_cells(calibration: Calibration) -> tuple[str, ...]:
    table = calibration.reliability()
    nll = "-" if calibration.nll is None else f"{calibration.nll:.4f}"
    return share(table.ece), share(table.mce), f"{calibration.brier:.4f}", nll
