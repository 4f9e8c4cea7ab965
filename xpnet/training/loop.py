"""The training loop: epochs of shuffled minibatches, each followed by an evaluation."""

import math
import time
from collections.abc import Iterable, Sequence

from xpnet._typing import Array
from xpnet.data.dataset import Dataset
from xpnet.data.minibatches import batch_slices, epoch_order
from xpnet.errors import NotFiniteError
from xpnet.training.assembly import Assembly
from xpnet.training.callbacks import Callback
from xpnet.training.checkpoint_meta import Position
from xpnet.training.evaluation import evaluate
from xpnet.training.interrupts import Interrupts
from xpnet.training.session import Record, Session

AT_ONCE = 1 << 28  # bytes of samples that are brought to the device in one piece, once an epoch


def train(session: Session, callbacks: Sequence[Callback] = ()) -> int | None:
    """Learn until the recipe's epochs are done; returns None, or the number of the signal that ended it early.

    Raises NotFiniteError as soon as an energy is NaN or infinite; nothing is saved then.
    """
    for callback in callbacks:
        callback.on_start(session)
    try:
        with Interrupts() as interrupts, session.assembly.backend.device_scope():
            while not session.finished:
                if not _epoch(session, callbacks, interrupts):
                    for callback in callbacks:
                        callback.on_stop(session)
                    return interrupts.signum
        return None
    finally:
        for callback in callbacks:
            callback.on_end(session)


def _epoch(session: Session, callbacks: Sequence[Callback], interrupts: Interrupts) -> bool:
    """One epoch, from the session's position in it; False when a signal came before its end."""
    started = time.perf_counter()
    for samples, labels in _minibatches(session):
        _step(session, samples, labels)
        for callback in callbacks:
            callback.on_step(session)
        if interrupts.signum is not None:
            return False
    session.history.append(_measure(session, started))
    session.position = Position(epoch=session.position.epoch + 1, step=session.position.step)
    for callback in callbacks:
        callback.on_epoch(session)
    return interrupts.signum is None or session.finished


def _step(session: Session, samples: Array, labels: Array) -> None:
    training, position = session.assembly.recipe.training, session.position
    rule = {
        "learning_rate": training.rate_at(position.epoch),
        "weight_decay": training.weight_decay,
        "inertia": training.inertia,
    }
    try:
        session.assembly.learner.learn_sample(samples, labels, session.assembly.label_set, rule)
    except NotFiniteError as error:
        error.add_note(f"at step {position.step + 1}, in epoch {position.epoch + 1}; saved checkpoints are untouched")
        raise
    session.position = Position(epoch=position.epoch, batch=position.batch + 1, step=position.step + 1)


def _minibatches(session: Session) -> Iterable[tuple[Array, Array]]:
    """The rest of this epoch's minibatches: slices of the whole, or, where that is large, brought one by one."""
    recipe, backend, data = session.assembly.recipe, session.assembly.backend, session.material.training
    order = epoch_order(len(data), recipe.seed, session.position.epoch)
    parts = batch_slices(len(data), recipe.training.batch_size)[session.position.batch :]
    if data.samples.nbytes > AT_ONCE:
        return backend.prefetch((data.samples[order[part]], data.labels[order[part]]) for part in parts)
    samples, labels = backend.asarray(data.samples[order]), backend.indices(data.labels[order])
    return ((samples[part, ...], labels[part]) for part in parts)


def _measure(session: Session, started: float) -> Record:
    position = session.position
    record: Record = {"epoch": position.epoch + 1, "step": position.step}
    record["learning_rate"] = session.assembly.recipe.training.rate_at(position.epoch)
    record |= _numbers("train", session.assembly, session.material.training)
    record |= _numbers("held_out", session.assembly, session.material.held_out)
    return record | {"seconds": round(time.perf_counter() - started, 3)}


def _numbers(part: str, assembly: Assembly, data: Dataset) -> Record:
    result = evaluate(assembly, data)
    if not math.isfinite(result.energy):
        msg = f"the mean {part} energy became {result.energy}; lower the learning rate. Saved checkpoints are untouched"
        raise NotFiniteError(msg)
    return {f"{part}_energy": result.energy, f"{part}_errors": result.errors, f"{part}_count": result.count}
