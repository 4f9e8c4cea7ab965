import numpy as np
import pytest

from xpnet.backend import get_backend
from xpnet.errors import DataError, RecipeError
from xpnet.training.evaluation import answer, evaluate
from xpnet.training.loop import train
from xpnet.training.recipe_file import check_recipe
from xpnet.training.simple_trainer import SimpleTrainer
from xpnet.training.snapshot import restore_parameters, take_snapshot
from xpnet.training.start import start
from xpnet.training.trainer import Trainer


@pytest.fixture
def energies(document):
    """The machine's outputs are the energies of the three labels."""
    del document["cost"], document["labels"]
    document["training"]["epochs"] = 15
    return {**document, "loss": {"name": "NegativeLogLikelihood"}}


def _start(document, backend="numpy"):
    return start(check_recipe(document, "test"), get_backend(backend, dtype="float64"))


def _errors(session):
    train(session)
    return evaluate(session.assembly, session.material.held_out).errors


def test_without_a_loss_the_simple_trainer_learns(document):
    assert isinstance(_start(document).assembly.trainer, SimpleTrainer)


@pytest.mark.parametrize("loss", [{"name": "HingeLoss", "margin": 2.0}, {"name": "NegativeLogLikelihood", "beta": 2.0}])
def test_a_cost_and_a_loss(document, loss):
    session = _start({**document, "loss": loss})
    assert isinstance(session.assembly.trainer, Trainer)
    assert type(session.assembly.trainer.loss).__name__ == loss["name"]
    assert _errors(session) <= 1


@pytest.mark.parametrize("backend", ["numpy", "strict"])
def test_outputs_may_be_the_energies(energies, backend):
    session = _start(energies, backend)
    assert session.assembly.label_set is None
    assert _errors(session) <= 1
    samples = session.material.held_out.samples
    assert answer(session.assembly, samples).energies.shape == (len(samples), 3)


def test_a_loss_that_refuses_its_arguments_is_told(energies):
    energies["loss"] = {"name": "HingeLoss", "margin": -1.0}
    with pytest.raises(RecipeError, match=r"loss: HingeLoss does not accept \{'margin': -1\.0\}: margin must be"):
        _start(energies)


@pytest.mark.parametrize("label", ["0", "1", "2"])
@pytest.mark.parametrize("trainable", [False, True])
def test_any_label_may_be_junk(energies, label, trainable):
    energies["junk"] = {"label": label, "trainable": trainable}
    energies["machine"]["modules"][2]["out_features"] = 2
    session = _start(energies)
    others = [name for name in "012" if name != label]
    assert session.assembly.label_names == session.material.held_out.label_names == (*others, label)
    assert ("junk.energy" in session.assembly.store) is trainable
    assert _errors(session) <= 1
    if trainable:
        assert session.assembly.store["junk.energy"].x != 0


def test_junk_beside_a_cost_has_no_code(document):
    document |= {"loss": {"name": "NegativeLogLikelihood"}, "junk": {"label": "1", "energy": 1.0, "trainable": True}}
    document["machine"]["modules"][2]["out_features"] = 2
    session = _start(document)
    assert session.assembly.label_set.shape == (2, 2)
    assert _errors(session) <= 1


def test_an_unknown_junk_label_is_told(energies):
    energies["junk"] = {"label": "N"}
    with pytest.raises(DataError, match="no label is called 'N'; known: 0, 1, 2"):
        _start(energies)


def test_a_trained_junk_energy_is_kept_with_the_run(energies):
    energies["junk"] = {"label": "1", "trainable": True}
    energies["machine"]["modules"][2]["out_features"] = 2
    session = _start(energies)
    train(session)
    again = _start(energies)
    restore_parameters(again.assembly, take_snapshot(session))
    samples = session.material.held_out.samples
    assert (answer(again.assembly, samples).energies == answer(session.assembly, samples).energies).all()


def _rbf(energies, **kmeans):
    energies["machine"]["modules"] = [
        {"module": "Rbf", "in_features": 4, "n_centres": 3, "out_features": 3},
        {"module": "Bias", "features": 3},
    ]
    return {**energies, "kmeans": kmeans}


def test_centres_start_in_the_middle_of_clusters(energies):
    session = _start(_rbf(energies, spread=2.0))
    samples, labels = session.material.training.samples, session.material.training.labels
    centres = session.assembly.store.state_dict()["0.centres"]
    means = np.stack([samples[labels == k].mean(axis=0) for k in range(3)])  # three well separated clouds
    nearest = ((means[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1)
    assert sorted(nearest) == [0, 1, 2]
    np.testing.assert_allclose(centres[nearest], means, atol=0.5)
    assert _errors(session) <= 1


def test_a_limit_takes_samples_at_random_but_always_the_same(energies):
    starts = [_start(_rbf(energies, limit=limit)).assembly.store.state_dict()["0.centres"] for limit in (9, 9, 12)]
    assert (starts[0] == starts[1]).all()
    assert (starts[0] != starts[2]).any()


def test_centres_deep_in_the_machine_see_what_reaches_them(energies):
    energies["machine"]["modules"][2] = {"module": "Distance", "in_features": 6, "n_centres": 3}
    session = _start({**energies, "kmeans": {"module": 2}})
    centres = session.assembly.store.state_dict()["2.centres"]
    assert abs(centres).max() < 1  # they are means of what Tanh gives
    assert _errors(session) <= 1


@pytest.mark.parametrize(("place", "found"), [(1, "Tanh"), (2, "Linear"), (3, "nothing")])
def test_only_layers_with_centres_take_them(energies, place, found):
    with pytest.raises(RecipeError, match=rf"kmeans.module = {place} must be the place of an Rbf .*; it is {found}"):
        _start({**energies, "kmeans": {"module": place}})
