import pytest

from xpnet.backend import get_backend
from xpnet.errors import RecipeError
from xpnet.training.label_codes import label_codes


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("one-hot", [[1, 0], [0, 1]]),
        ("plus-minus", [[1, -1], [-1, 1]]),
        ([[0.5, 1.0, 2.0], [3.0, 4.0, 5.0]], [[0.5, 1, 2], [3, 4, 5]]),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_codes(codes, expected, dtype):
    made = label_codes(codes, 2, get_backend("numpy", dtype=dtype))
    assert (made.tolist(), str(made.dtype)) == (expected, dtype)


def test_the_number_of_given_codes_is_the_number_of_labels():
    with pytest.raises(RecipeError, match=r"labels\.codes gives 1 codes for 3 labels; give one list of numbers per"):
        label_codes([[1.0]], 3, get_backend("numpy"))
