"""Pictures of meters, as PNGs: error-reject curves, energy gaps, reliability; ImportError without matplotlib."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from xpnet.report.meters import Calibration, ErrorReject, Gaps
from xpnet.report.pictures import name_axes, new_figure


def draw_error_reject(path: Path, curves: Mapping[str, ErrorReject], title: str = "") -> None:
    """Error of the accepted, and of all samples, against the rejected ones in percent, one line per confidence."""
    figure = new_figure(9.0, 3.6, title)
    accepted, whole = figure.subplots(1, 2)
    for name, curve in curves.items():
        rejected, marker = 100 * curve.reject_rates, ".-" if len(curve.samples) < 20 else "-"
        accepted.plot(rejected, 100 * curve.accepted_error_rates, marker, label=f"{name}, area {curve.area():.3g}")
        whole.plot(rejected, 100 * curve.error_rates, marker, label=name)
    name_axes(accepted, "rejected (%)", "errors among the accepted (%)")
    name_axes(whole, "rejected (%)", "errors among all (%)")
    for axes in (accepted, whole):
        axes.set_ylim(bottom=0)
        if curves:
            axes.legend()
    figure.savefig(path)


def draw_gaps(path: Path, gaps: Gaps, title: str = "", bins: int = 40) -> None:
    """How many samples have which energy gap; right answers left of 0, wrong ones right of it, infinite ones named."""
    figure, histogram = new_figure(5.5, 3.6, title), gaps.histogram(bins)
    axes = figure.subplots()
    right = histogram.edges[:-1] < 0
    for side, name in ((right, f"right: {gaps.signs[0]}"), (~right, f"wrong or tied: {sum(gaps.signs[1:])}")):
        starts, widths = histogram.edges[:-1][side], np.diff(histogram.edges)[side]
        axes.bar(starts, histogram.counts[side], widths, align="edge", label=name)
    infinite = f", and {histogram.below} at -∞, {histogram.above} at ∞" if histogram.below + histogram.above else ""
    name_axes(axes, f"E(desired) - lowest other energy{infinite}", "samples")
    axes.set_yscale("symlog", linthresh=1)  # a few wrong answers beside many right ones
    axes.set_ylim(bottom=0)
    axes.legend()
    figure.savefig(path)


def draw_calibration(path: Path, calibrations: Mapping[str, Calibration], title: str = "") -> None:
    """Accuracy against confidence, bin by bin, beside the diagonal; discs are as large as bins are full."""
    figure = new_figure(4.8, 4.5, title)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], ":", color="gray")
    for name, calibration in calibrations.items():
        table = calibration.reliability()
        (line,) = axes.plot(table.confidence, table.accuracy, ".-", label=f"{name}, error {100 * table.ece:.2f} %")
        areas = 300 * table.count / max(table.count.sum(initial=0), 1)
        axes.scatter(table.confidence, table.accuracy, areas, color=line.get_color(), alpha=0.4, linewidths=0)
    name_axes(axes, "P(answer)", "share of right answers")
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
    if calibrations:
        axes.legend()
    figure.savefig(path)
