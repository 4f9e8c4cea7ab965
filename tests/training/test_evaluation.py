import numpy as np

from xpnet.data.dataset import Dataset
from xpnet.training import evaluation
from xpnet.training.evaluation import answer, evaluate


def test_batches_do_not_change_the_answers(make_session, monkeypatch):
    session = make_session(dtype="float64")
    samples = session.material.training.samples
    whole = answer(session.assembly, samples)
    monkeypatch.setattr(evaluation, "BATCH", 7)
    parts = answer(session.assembly, samples)
    assert whole.energies.shape == (45, 3)
    np.testing.assert_allclose(parts.energies, whole.energies, rtol=1e-12)
    assert (parts.index == whole.energies.argmin(axis=1)).all()


def test_errors_are_those_of_the_answers(make_session):
    session = make_session()
    data = session.material.held_out
    answers = answer(session.assembly, data.samples)
    right = Dataset(data.samples, answers.index, data.label_names)
    wrong = Dataset(data.samples, (answers.index + 1) % 3, data.label_names)
    assert (evaluate(session.assembly, right).errors, evaluate(session.assembly, wrong).errors) == (0, 15)


def test_strict_gives_the_same_energies(make_session):
    parts = [make_session(backend) for backend in ("numpy", "strict")]
    ours, theirs = (answer(part.assembly, part.material.held_out.samples) for part in parts)
    np.testing.assert_allclose(ours.energies, theirs.energies, rtol=1e-5)
