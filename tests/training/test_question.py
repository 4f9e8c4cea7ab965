"""What a trainer is asked: everything checked, in the shapes that replicas need."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError, ShapeError
from xpnet.modules import Trainable
from xpnet.training.entrance import Entrance
from xpnet.training.question import asked


@pytest.fixture
def entrance(backend):
    return Entrance(backend, 1, 1)


def ask(entrance, x, y=None, mask=None, z=None, owner=None, labels=True, latents=False):
    return asked(entrance, x, y, mask, z, owner=owner, takes_labels=labels, takes_latents=latents)


X, Y, Z = np.ones((3, 4)), np.ones((5, 2)), np.ones((6, 1))


def test_one_sample_and_a_batch(entrance):
    one, many = ask(entrance, X[0], Y), ask(entrance, X, Y)
    assert (one.batch, many.batch) == ((), (3,))
    assert [tuple(each.replicated.shape) for each in (one, many)] == [(4,), (3, 1, 4)]
    assert [tuple(each.alone.shape) for each in (one, many)] == [(4,), (3, 4)]
    assert many.labels.count == 5
    assert many.latents is many.latents_replicated is many.present(5) is None
    assert set(many.arrays) == {"sample", "label_set"}


def test_latent_values_take_an_axis_of_their_own(entrance):
    one, many = (ask(entrance, x, Y, z=Z, latents=True) for x in (X[0], X))
    assert [tuple(each.replicated.shape) for each in (one, many)] == [(4,), (3, 1, 1, 4)]
    assert [tuple(each.alone.shape) for each in (one, many)] == [(4,), (3, 1, 4)]
    assert tuple(many.latents_replicated.shape) == (6, 1)
    own = ask(entrance, X, Y, z=np.ones((3, 6, 1)), latents=True)
    assert (tuple(own.latents.shape), tuple(own.latents_replicated.shape)) == ((3, 6, 1), (3, 1, 6, 1))
    assert own.labels.latent
    assert set(own.arrays) == {"sample", "label_set", "latent_set"}


def test_presence_is_that_of_labels_or_of_as_many_energies(entrance, backend):
    mask = np.arange(5) > 1
    labelled = ask(entrance, X, Y, mask)
    assert labelled.present(5) is labelled.labels.present
    assert backend.to_numpy(labelled.present(5)).tolist() == mask.tolist()
    vector = ask(entrance, X, mask=mask, labels=False)
    assert vector.labels is None
    assert backend.to_numpy(vector.present(5)).tolist() == mask.tolist()
    with pytest.raises(ShapeError, match=r"a mask says for each of 4 answers .* shape \(4,\) or \(3, 4\); got \(5,\)"):
        vector.present(4)
    assert tuple(vector.replicated.shape) == (3, 4)


def test_labels_that_learn_are_the_parameter(entrance, backend):
    owner = Trainable((5, 2))
    xn.ParameterStore(owner, backend)
    question = ask(entrance, X, owner=owner)
    assert question.labels.codes is owner.value.x
    assert question.labels.owner is owner
    with pytest.raises(
        LabelError, match=r"this trainer's label set learns, Trainable\(\(5, 2\)\): leave label_set out"
    ):
        ask(entrance, X, Y, owner=owner)


def test_what_is_missing_or_too_much(entrance):
    with pytest.raises(LabelError, match=r"a label set is needed, \(K, \.\.\.\) or \(B, K, \.\.\.\)"):
        ask(entrance, X)
    with pytest.raises(LabelError, match=r"this machine gives one energy for each answer.*: leave label_set out"):
        ask(entrance, X, Y, labels=False)
    with pytest.raises(
        LabelError, match="this trainer has no latent variable over a set: leave latent_set out, or make it with"
    ):
        ask(entrance, X, Y, z=Z)
    with pytest.raises(LabelError, match="this trainer eliminates a latent variable: give the values it may take"):
        ask(entrance, X, Y, latents=True)
    with pytest.raises(ShapeError, match=r"label sets for 2 samples, but the samples have shape \(3,\)"):
        ask(entrance, X, np.ones((2, 5, 2)))
    with pytest.raises(ShapeError, match=r"label sets for 3 samples, but the samples have shape \(\)"):
        ask(entrance, X[0], np.ones((3, 5, 2)))
    with pytest.raises(ShapeError, match="a mask says for each of 5 answers"):
        ask(entrance, X, Y, np.ones(6, bool))
