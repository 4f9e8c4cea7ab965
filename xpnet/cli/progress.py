"""Telling how a run goes: a bar on a terminal, one plain line per epoch elsewhere."""

from typing import final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from xpnet.backend import setting
from xpnet.report.tables import percent
from xpnet.training.callbacks import Callback
from xpnet.training.session import Record, Session


def progress_callback(console: Console, bar: bool = True) -> Callback:
    """The callback that XPNET_PROGRESS, `bar` and the kind of console ask for."""
    wanted = setting("progress")
    shown = bar and wanted != "off" and (wanted == "on" or console.is_terminal)
    return ProgressBar(console) if shown else PlainLines(console)


@final
class PlainLines(Callback):
    """One line per epoch, fit for log files."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def on_epoch(self, session: Session) -> None:
        """Errors and mean energies of both parts."""
        epochs = session.assembly.recipe.training.epochs
        self._console.print(f"epoch {session.position.epoch}/{epochs}  {summary(session.history[-1])}")


@final
class ProgressBar(Callback):
    """One bar over all epochs, with the last epoch's numbers beside it."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("epoch"),
            MofNCompleteColumn(),
            BarColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=console)
        self._task = self._progress.add_task("train", start=False, numbers="")

    def on_start(self, session: Session) -> None:
        """Show the bar from where the session stands."""
        epochs = session.assembly.recipe.training.epochs
        self._progress.update(self._task, total=epochs, completed=session.position.epoch)
        self._progress.start()
        self._progress.start_task(self._task)

    def on_epoch(self, session: Session) -> None:
        """Move on."""
        self._progress.update(self._task, completed=session.position.epoch, numbers=errors(session.history[-1]))

    def on_end(self, session: Session) -> None:
        """Take the bar down."""
        self._progress.stop()


def summary(record: Record) -> str:
    """Everything about one epoch in one line."""
    energies = f"energy {record['train_energy']:.4f} / {record['held_out_energy']:.4f}"
    return f"{errors(record)}  {energies}  {record['seconds']:.2f} s"


def errors(record: Record) -> str:
    """The errors of both parts in percent."""
    train, held_out = (
        percent(int(record[f"{part}_errors"]), int(record[f"{part}_count"])) for part in ("train", "held_out")
    )
    return f"errors: train {train}, held-out {held_out}"
