"""Arguments of a captured step as arrays of the backend."""

import numpy as np
import pytest

from xpnet.training.arrays import brought, form_of


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "indices"), (3, "indices"), (np.asarray([1], np.uint8), "indices"), (np.int64(3), "indices"),
        ([[1, 2.5]], "real"), (2.0, "real"), (np.ones(2, np.float32), "real"), ([], "real"),
        ([True, False], "booleans"), (np.asarray([True]), "booleans"), ([1, True], "real"),
    ],
)  # fmt: skip
def test_the_kind_of_number_is_kept(backend, values, kind):
    found = brought(backend, values)
    dtypes = {"indices": backend.indices([0]).dtype, "real": backend.dtype, "booleans": backend.xp.bool}
    assert found.dtype == dtypes[kind]
    assert found.device == backend.device or backend.name == "numpy"
    np.testing.assert_array_equal(backend.to_numpy(found), np.asarray(values))


def test_the_form_is_shape_and_dtype(backend):
    x = backend.zeros((2, 1))
    assert form_of(x) == ((2, 1), backend.dtype)
