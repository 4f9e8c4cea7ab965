"""How many launches a kernel saves: counted, and as docs/gpu/kernels.md says."""

from pathlib import Path

import numpy as np
import pytest
from cuda_shim import kernels, overrides
from cuda_shim.counting import count, counted

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/gpu/kernels.md"
B, K, D, T = 64, 10, 16, 20
TILES = 4


def real(*shape):
    return np.random.default_rng(len(shape)).uniform(0.1, 1.0, shape).astype("float32")


LABELS, IDS = np.arange(B) % K, np.arange(B) % 5
CODES = (real(B, D), real(TILES * K, D))
CALLS = {
    "linear": (real(B, D), real(K, D), real(K)),
    **{f"affine_{f}": (real(B, D), real(K, D), real(K)) for f in ("tanh", "scaled_tanh", "sigmoid", "relu")},
    **{f: (real(B, D),) for f in ("scaled_tanh", "sigmoid")},
    **{f"{f}_vjp": (real(B, D), real(B, D)) for f in ("tanh", "scaled_tanh", "sigmoid", "relu")},
    "softmax": (real(B, K), 1.0),
    "softmax_vjp": (real(B, K), real(B, K), 1.0),
    "logsum": (real(B, K), 1.0),
    "logsum_vjp": (real(B), real(B, K), 1.0),
    "likelihood": (real(B, K), LABELS, 1.0),
    "likelihood_vjp": (real(B), real(B, K), LABELS, real(B, K)),
    "sgd": (real(1000), real(1000), real(1000), 0.1, 0.01, 0.9),
    "diag_lm": (real(1000), real(1000), real(1000), 0.1, 0.02, 0.01),
    "euclidean": (real(B, 1, D), real(K, D)),
    "euclidean_vjp": (real(B, K), real(B, 1, D), real(K, D)),
    "bumps": (real(B, K), real(K)),
    "bumps_slopes": (real(B, K), real(B, K), real(K)),
    "search_labels": (*CODES, "euclidean", None, 1, K),
    "label_logsum": (*CODES, "euclidean", None, 1.0, K),
    "label_logsum_vjp_codes": (real(B), real(B), *CODES, "euclidean", None, 1.0, K),
    "segment_add": (IDS, real(B, D), K),
    "sum_rows": (IDS, real(B, D), IDS),
    "recurrent_tanh": (real(B, T, D), real(D, D), real(B, D)),
    "recurrent_tanh_vjp": (real(B, T, D), real(B, T, D), real(D, D)),
}


def test_every_override_is_counted():
    written_in_place = {"linear_vjp_weight"}  # one product before and after, but no copy of what it gives
    assert CALLS.keys() | written_in_place == overrides.overrides(None, None).keys()


def test_every_kernel_is_launched_by_some_override():
    launched = [kernel for name, args in CALLS.items() for kernel in counted(name, args, overridden=True).kernels]
    assert set(launched) == kernels.KERNELS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_an_override_takes_fewer_launches_and_no_more_products(name):
    (products, others), (few_products, fewer) = (count(name, CALLS[name], overridden) for overridden in (False, True))
    assert few_products <= products
    saved = products + others - few_products - fewer
    assert saved == 0 if name == "linear" else saved > 0  # the bias alone saves a copy of y, not a launch


def test_a_tile_takes_two_products_and_few_launches():
    """Per tile, from how the counts grow with the number of tiles."""

    def growth(name, *rest):
        few, many = (
            count(name, (*rest[0], CODES[0], real(n * K, D), *rest[1]), overridden=True) for n in (TILES, 2 * TILES)
        )
        return [(b - a) / TILES for a, b in zip(few, many, strict=True)]

    pulled = (real(B), real(B))
    assert growth("label_logsum", (), ("inner", None, 1.0, K)) == [2, 1]
    assert growth("label_logsum", (), ("euclidean", None, 1.0, K)) == [2, 2]
    assert growth("label_logsum_vjp_codes", pulled, ("inner", None, 1.0, K)) == [2, 2]
    assert growth("label_logsum_vjp_codes", pulled, ("euclidean", None, 1.0, K)) == [2, 3]
    assert growth("search_labels", (), ("inner", None, 1, K)) == [1, 1]


@pytest.mark.parametrize("name", CALLS)
def test_the_page_gives_these_counts(name):
    before, after = (sum(count(name, CALLS[name], overridden)) for overridden in (False, True))
    [row] = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| `{name}` |")]
    assert f"| {before} → {after} |" in row, f"write '{before} → {after}' into the row {row!r}"
