"""What happens beside learning: records, checkpoints, and whatever a user adds."""

from typing import final

from xpnet.training.run_folder import RunFolder
from xpnet.training.session import Session
from xpnet.training.snapshot import take_snapshot


class Callback:
    """Called by the loop with the session as it stands; override what is of interest."""

    def on_start(self, session: Session) -> None:
        """Before the first step of this process."""

    def on_step(self, session: Session) -> None:
        """After every update."""

    def on_epoch(self, session: Session) -> None:
        """After every epoch; its record is the last of `session.history`."""

    def on_stop(self, session: Session) -> None:
        """When a signal ends the loop early, after the step it came in."""

    def on_end(self, session: Session) -> None:
        """Last of all, also when an error ends the loop."""


@final
class MetricsFile(Callback):
    """Appends each epoch's record to metrics.jsonl, readable while the run goes on."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder

    def on_start(self, session: Session) -> None:
        """Bring the file to the session's history: lines written after the checkpoint are learned again."""
        self._folder.rewrite_metrics(session.history)

    def on_epoch(self, session: Session) -> None:
        """One more line, handed to the operating system at once."""
        self._folder.append_metrics(session.history[-1])


@final
class Checkpoints(Callback):
    """Keeps a checkpoint every few epochs, after the last one, and when a signal ends the loop."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder

    def on_epoch(self, session: Session) -> None:
        """Save when it is due."""
        if session.finished or session.position.epoch % session.assembly.recipe.training.checkpoint_every == 0:
            self._folder.save(take_snapshot(session))

    def on_stop(self, session: Session) -> None:
        """Save in the middle of an epoch."""
        self._folder.save(take_snapshot(session))
