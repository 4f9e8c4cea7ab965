import numpy as np
import pytest

from xpnet.errors import CheckpointError, DataError
from xpnet.training.material import gather, require_same_data
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
