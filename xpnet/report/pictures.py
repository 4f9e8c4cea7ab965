"""Pictures of a run through matplotlib, which is imported only here and only when a picture is drawn."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xpnet._typing import HostArray
from xpnet.training.session import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MISSING = 'pictures need matplotlib; pip install "xpnet[plot]"'


def draw_learning_curve(path: Path, history: Sequence[Record], title: str = "") -> None:
    """Error in percent and mean energy of both parts per epoch, as a PNG; ImportError without matplotlib."""
    figure = new_figure(9.0, 3.6, title)
    error, energy = figure.subplots(1, 2)
    epochs = [record["epoch"] for record in history]
    marker = ".-" if len(epochs) < 20 else "-"  # a single epoch has no line to see
    for part, name in (("train", "training part"), ("held_out", "held-out part")):
        percent = [100 * record[f"{part}_errors"] / record[f"{part}_count"] for record in history]
        error.plot(epochs, percent, marker, label=name)
        energy.plot(epochs, [record[f"{part}_energy"] for record in history], marker, label=name)
    name_axes(error, "epoch", "errors (%)")
    name_axes(energy, "epoch", "mean energy of the desired label")
    error.set_ylim(bottom=0)
    for axes in (error, energy):
        axes.legend()
    figure.savefig(path)


def draw_confusion(path: Path, confusion: HostArray, label_names: Sequence[str], title: str = "") -> None:
    """Counts of answered (columns) against desired labels (rows), as a PNG; ImportError without matplotlib."""
    size = max(3.5, 0.45 * len(label_names) + 1.5)
    figure = new_figure(size, size, title)
    axes = figure.subplots()
    axes.imshow(confusion, cmap="Blues")
    ticks = range(len(label_names))
    axes.set_xticks(ticks, label_names, rotation=90 if max(map(len, label_names)) > 2 else 0)
    axes.set_yticks(ticks, label_names)
    name_axes(axes, "answered", "desired")
    if len(label_names) <= 40:  # beyond that the counts would overlap
        _write_counts(axes, confusion)
    figure.savefig(path)


def _write_counts(axes: "Axes", confusion: HostArray) -> None:
    dark = confusion.max() / 2
    for row, counts in enumerate(confusion):
        for column, count in enumerate(counts):
            if count:
                axes.text(column, row, str(count), ha="center", va="center", color="white" if count > dark else "black")


def name_axes(axes: "Axes", x: str, y: str) -> None:
    """What both axes show."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)


def new_figure(width: float, height: float, title: str) -> "Figure":
    """An empty figure of this size in inches; ImportError without matplotlib."""
    # Figure with its own Agg canvas: no pyplot, so no global state and no window, whatever the user's backend is.
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(MISSING) from error
    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    if title:
        figure.suptitle(title, parse_math=False)
    return figure
