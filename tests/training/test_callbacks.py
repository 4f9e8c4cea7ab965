import json

import pytest

from xpnet.training.callbacks import Callback, Checkpoints, MetricsFile
from xpnet.training.loop import train
from xpnet.training.run_folder import RunFolder


@pytest.fixture
def folder(tmp_path):
    run = RunFolder(tmp_path / "run")
    run.prepare("", overwrite=False)
    return run


def _lines(folder):
    return [json.loads(line) for line in folder.metrics.read_text().splitlines()]


def test_metrics_are_readable_after_every_epoch(make_session, folder):
    seen = []

    class Reader(Callback):
        def on_epoch(self, session):
            seen.append(len(_lines(folder)))

    session = make_session(epochs=3)
    train(session, [MetricsFile(folder), Reader()])
    assert seen == [1, 2, 3]
    assert _lines(folder) == session.history


def test_lines_after_the_checkpoint_are_dropped_on_resume(make_session, folder):
    folder.rewrite_metrics([{"epoch": k} for k in (1, 2, 3)])
    session = make_session()
    session.history = [{"epoch": 1}]
    MetricsFile(folder).on_start(session)
    assert _lines(folder) == [{"epoch": 1}]


@pytest.mark.parametrize(("every", "steps"), [(1, [24, 30, 36]), (4, [24, 36]), (100, [36])])
def test_checkpoints_are_kept_when_due_and_at_the_end(make_session, folder, every, steps):
    train(make_session(epochs=6, checkpoint_every=every), [Checkpoints(folder)])
    assert sorted(int(path.name[5:]) for path in folder.checkpoints.iterdir()) == steps
