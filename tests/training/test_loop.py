import hashlib
import signal

import numpy as np
import pytest

from xpnet.errors import NotFiniteError
from xpnet.training.callbacks import Callback, Checkpoints
from xpnet.training.capture import Captured
from xpnet.training.checkpoint_meta import Position
from xpnet.training.loop import train
from xpnet.training.run_folder import RunFolder
from xpnet.training.snapshot import resume_session, take_snapshot


def _sha256(session):
    arrays = take_snapshot(session).arrays
    return hashlib.sha256(b"".join(name.encode() + arrays[name].tobytes() for name in sorted(arrays))).hexdigest()


@pytest.fixture
def folder(tmp_path):
    run = RunFolder(tmp_path / "run")
    run.prepare("", overwrite=False)
    return run


class SignalAt(Callback):
    """Raises a signal after a certain step."""

    def __init__(self, step, signum=signal.SIGINT):
        self.step, self.signum = step, signum
        self.calls = []

    def on_step(self, session):
        if session.position.step == self.step:
            signal.raise_signal(self.signum)

    def on_stop(self, session):
        self.calls.append("stop")

    def on_end(self, session):
        self.calls.append("end")


def test_learning_separates_the_clouds(make_session):
    session = make_session(epochs=20)
    assert train(session) is None
    first, last = session.history[0], session.history[-1]
    assert last["held_out_errors"] == 0 < first["train_errors"] + first["train_energy"]
    assert last["train_energy"] < 0.5 * first["train_energy"]
    assert (last["epoch"], last["step"], last["train_count"], last["held_out_count"]) == (20, 120, 45, 15)
    assert last["learning_rate"] == pytest.approx(0.2 / (1 + 0.1 * 19))


@pytest.mark.parametrize("backend", ["numpy", "strict"])
def test_three_epochs_and_three_more_are_six_bit_for_bit(make_session, folder, backend):
    straight, first, second = make_session(backend), make_session(backend, epochs=3), make_session(backend)
    train(straight)
    train(first, [Checkpoints(folder)])
    resume_session(second, folder.newest())
    assert second.position == Position(epoch=3, step=18)
    train(second)
    assert _sha256(second) == _sha256(straight) != _sha256(first)


@pytest.mark.parametrize("step", range(1, 13))
def test_a_signal_after_any_step_changes_nothing_in_the_end(make_session, folder, step):
    straight, first, second = make_session(epochs=2), make_session(epochs=2), make_session(epochs=2)
    train(straight)
    alarm = SignalAt(step, signal.SIGTERM)
    assert train(first, [alarm, Checkpoints(folder)]) == signal.SIGTERM
    assert first.position.step == step
    assert alarm.calls == ["stop", "end"]
    resume_session(second, folder.newest())
    assert second.position.step == step
    assert train(second) is None
    assert _sha256(second) == _sha256(straight)
    without_time = [[{k: v for k, v in r.items() if k != "seconds"} for r in s.history] for s in (second, straight)]
    assert without_time[0] == without_time[1]


def test_strict_gives_the_same_numbers_to_rounding(make_session):
    ours, theirs = make_session(), make_session("strict")
    train(ours)
    train(theirs)
    for mine, other in zip(ours.history, theirs.history, strict=True):
        assert mine["train_errors"] == other["train_errors"]
        assert mine["train_energy"] == pytest.approx(other["train_energy"], rel=1e-4)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_overflow_stops_with_its_place_and_leaves_the_last_checkpoint(make_session, folder):
    train(make_session(epochs=1), [Checkpoints(folder)])
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    wild = make_session(learning_rate=1e30)
    alarm = SignalAt(-1)
    with pytest.raises(NotFiniteError) as caught:
        train(wild, [Checkpoints(folder), alarm])
    assert "at step 2, in epoch 1; saved checkpoints are untouched" in caught.value.__notes__
    assert {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()} == before
    assert alarm.calls == ["end"]


def test_a_nan_parameter_never_reaches_a_checkpoint(make_session, folder):
    session = make_session()
    state = session.assembly.store.state_dict()
    state["0.bias"] = np.full_like(state["0.bias"], np.nan)
    session.assembly.store.load_state_dict(state)
    with pytest.raises(NotFiniteError, match=r"0\.bias"):
        train(session, [Checkpoints(folder)])
    assert folder.newest() is None


def test_every_sample_is_seen_once_in_an_epoch(make_session, monkeypatch):
    session, seen = make_session(epochs=1), []
    trainer = session.assembly.trainer
    real = type(trainer).learn_sample

    def note(self, sample, *rest):
        seen.extend(row.tobytes() for row in np.asarray(sample, dtype="float32"))
        return real(self, sample, *rest)

    monkeypatch.setattr(type(trainer), "learn_sample", note)
    train(session)
    expected = sorted(row.tobytes() for row in session.material.training.samples.astype("float32"))
    assert sorted(seen) == expected
    assert seen != expected


@pytest.mark.parametrize("backend", ["numpy", "strict"])
def test_data_that_are_brought_batch_by_batch_are_learned_alike(make_session, backend, monkeypatch):
    whole, pieces = make_session(backend, epochs=3), make_session(backend, epochs=3)
    train(whole)
    monkeypatch.setattr("xpnet.training.loop.AT_ONCE", 0)
    brought = []
    prefetch = type(pieces.assembly.backend).prefetch

    def counting(self, batches):
        return prefetch(self, (brought.append(1) or batch for batch in batches))

    monkeypatch.setattr(type(pieces.assembly.backend), "prefetch", counting)
    train(pieces)
    assert _sha256(whole) == _sha256(pieces)
    assert len(brought) > 3


def test_compiled_steps_are_taken_where_they_pay_or_are_asked_for(make_session, monkeypatch):
    pytest.importorskip("jax", reason="jax is not installed: nothing is compiled")
    sessions = {"numpy": make_session("numpy", epochs=2), "jax": make_session("jax", epochs=2)}
    assert isinstance(sessions["jax"].assembly.learner, Captured)
    assert sessions["numpy"].assembly.learner is sessions["numpy"].assembly.trainer
    for session in sessions.values():
        train(session)
    exact, compiled = (sessions[name].history[-1] for name in ("numpy", "jax"))
    assert compiled["train_energy"] == pytest.approx(exact["train_energy"], rel=1e-5)
    assert (
        len(sessions["jax"].assembly.learner._programs) == 4
    )  # steps and the last short one; evaluations of both parts
    monkeypatch.setenv("XPNET_CAPTURE", "off")
    assert not isinstance(make_session("jax").assembly.learner, Captured)
    monkeypatch.setenv("XPNET_CAPTURE", "on")
    assert isinstance(make_session("numpy").assembly.learner, Captured)
