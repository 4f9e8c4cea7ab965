import numpy as np
import pytest

from xpnet.data.dataset import Dataset
from xpnet.data.official_split import OfficialSplit
from xpnet.data.sources import SOURCES
from xpnet.errors import CheckpointError, DataError, RecipeError
from xpnet.training.material import gather, require_same_data
from xpnet.training.recipe import DataSection
from xpnet.training.recipe_file import check_recipe


def test_scaling_is_fitted_on_the_training_part_alone(document):
    material = gather(check_recipe(document, "test").data)
    assert (len(material.training), len(material.held_out)) == (45, 15)
    np.testing.assert_allclose(material.training.samples.mean(axis=0), 0, atol=1e-12)
    assert abs(material.held_out.samples.mean(axis=0)).min() > 1e-3


def test_no_sample_is_in_both_parts(document):
    material = gather(check_recipe(document, "test").data)
    rows = {row.tobytes() for row in np.concatenate([material.training.samples, material.held_out.samples])}
    assert len(rows) == 60


def test_the_split_does_not_depend_on_the_recipe_seed(document):
    parts = [gather(check_recipe({**document, "seed": seed}, "test").data).held_out.samples for seed in (0, 1)]
    assert (parts[0] == parts[1]).all()


def test_other_data_are_refused(document):
    material = gather(check_recipe(document, "test").data)
    require_same_data(material, material.fingerprint)
    with pytest.raises(CheckpointError, match=r"the data are not those of the run .*--overwrite"):
        require_same_data(material, "0" * 64)


def test_nan_in_the_file_is_told_with_its_place(document, blobs):
    samples = np.zeros((4, 2))
    samples[2, 1] = np.nan
    np.savez(blobs, samples=samples, labels=np.array([0, 0, 1, 1]))
    with pytest.raises(DataError, match=r"sample 2 holds nan at \(1,\)"):
        gather(check_recipe(document, "test").data)


@pytest.fixture
def official(monkeypatch):
    """A source that brings its own two parts: 40 samples to learn from, 10 to be judged by."""

    def load():
        draws = np.random.default_rng(1)
        parts = (Dataset(draws.standard_normal((n, 4)), np.arange(n) % 2, ("a", "b")) for n in (40, 10))
        return OfficialSplit(*parts)

    monkeypatch.setitem(SOURCES, "npz", load)
    return load


def _section(**values):
    return DataSection(source="npz", **values)


def test_an_official_split_is_taken_as_it_is(official):
    material, parts = gather(_section()), official()
    assert (material.training.samples == parts.training.samples).all()
    assert (material.held_out.samples == parts.held_out.samples).all()
    assert material.fingerprint == parts.fingerprint()


@pytest.mark.parametrize("key", [{"held_out": 0.5}, {"split_seed": 3}])
def test_an_official_split_is_not_split_at_random(official, key):
    told = rf"data\.{next(iter(key))} splits data at random, but 'npz' comes with its official two parts"
    with pytest.raises(RecipeError, match=told):
        gather(_section(**key))


def test_validation_stays_within_the_training_part(official):
    whole = {row.tobytes() for row in official().training.samples}
    parts = [gather(_section(validation=0.25, split_seed=seed)) for seed in (0, 0, 1)]
    for material in parts:
        assert (len(material.training), len(material.held_out)) == (30, 10)
        rows = {row.tobytes() for row in np.concatenate([material.training.samples, material.held_out.samples])}
        assert rows == whole
    assert (parts[0].held_out.samples == parts[1].held_out.samples).all()
    assert (parts[0].held_out.samples != parts[2].held_out.samples).any()


def test_validation_of_a_random_split_leaves_what_is_held_out_alone(document):
    section = check_recipe(document, "test").data
    judged = {row.tobytes() for row in gather(section.model_copy(update={"scaling": "none"})).held_out.samples}
    inner = gather(section.model_copy(update={"scaling": "none", "validation": 0.2}))
    assert (len(inner.training), len(inner.held_out)) == (36, 9)
    assert not judged & {row.tobytes() for row in (*inner.training.samples, *inner.held_out.samples)}
