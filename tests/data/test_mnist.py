import numpy as np
import pytest

from xpnet.data import mnist
from xpnet.errors import DataError


@pytest.fixture
def small(put, idx, monkeypatch, rng):
    """Five images to learn from and three to be judged by, as the four files."""
    parts, files = {}, {}
    for name, count in (("train", 5), ("test", 3)):
        parts[name] = rng.integers(0, 256, (count, 28, 28)), np.arange(count) % 10
        files[name] = tuple(put(f, idx(a)) for f, a in zip(mnist.FILES[name], parts[name], strict=True))
    monkeypatch.setattr(mnist, "FILES", files)
    return parts


def test_images_come_as_vectors_or_as_images(small):
    flat, images = mnist.load_mnist(), mnist.load_mnist(flat=False)
    assert (flat.training.event_shape, images.training.event_shape) == ((784,), (28, 28, 1))
    for part, name in ((flat.training, "train"), (flat.held_out, "test")):
        np.testing.assert_allclose(part.samples.reshape(-1, 28, 28), small[name][0] / 255, atol=1e-7)
        assert part.labels.tolist() == small[name][1].tolist()
    assert (images.held_out.samples.reshape(3, -1) == flat.held_out.samples).all()
    assert (flat.training.samples.dtype, flat.training.label_names) == (np.float32, tuple("0123456789"))


def test_a_limit_takes_the_first_of_both_parts(small):
    split = mnist.load_mnist(limit=4)
    assert (len(split.training), len(split.held_out)) == (4, 3)
    assert (split.training.samples == mnist.load_mnist().training.samples[:4]).all()


IDX = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4])


@pytest.mark.parametrize("content", [IDX[:length] for length in range(len(IDX))] + [IDX + b"\0", b"\1" + IDX[1:]])
def test_what_is_no_idx_file_is_refused(content):
    with pytest.raises(DataError, match=r"not an idx file of bytes: \d+ bytes starting with"):
        mnist.read_idx(content)


def test_idx_files_hold_any_number_of_axes():
    assert mnist.read_idx(IDX).tolist() == [[1, 2], [3, 4]]


def test_the_published_files(data_folder):
    split = mnist.load_mnist()
    counts = [np.bincount(part.labels).tolist() for part in (split.training, split.held_out)]
    assert counts == [
        [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
        [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    ]
    assert (split.training.samples.min(), split.training.samples.max()) == (0, 1)
