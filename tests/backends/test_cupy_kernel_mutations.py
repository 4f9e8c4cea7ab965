"""A kernel whose text is wrong in one place is noticed: by the conformance kit, or by the order of its threads."""

import pytest
from cuda_shim import KernelFault, ShimBackend, ShimLaunch, compiler, kernels

from xpnet.errors import ContractError
from xpnet.testing import check_ops

pytestmark = [
    pytest.mark.skipif(compiler() is None, reason="g++ is not installed: kernels cannot be run on the CPU"),
    pytest.mark.slow,
]

# file, what stands there, what stands there instead, and the primitive that must notice; none leaves its arrays, since
# a read far outside ends the whole process
FORMULAS = [
    ("bias.cu", "y[i] += ", "y[i] -= ", "linear"),
    ("tanh.cu", "tanh(y[i] + bias", "tanh(y[i] - bias", "affine_tanh"),
    ("tanh.cu", "(1 - y[i] * y[i])", "(1 + y[i] * y[i])", "tanh_vjp"),
    ("scaled_tanh.cu", "tanh(SLOPE * x[i])", "tanh(x[i])", "scaled_tanh"),
    ("scaled_tanh.cu", "(SLOPE / AMPLITUDE)", "(SLOPE * AMPLITUDE)", "scaled_tanh_vjp"),
    ("scaled_tanh.cu", "(SLOPE * (y[i] + ", "((SLOPE * y[i] + ", "affine_scaled_tanh"),
    ("sigmoid.cu", "exp(-fabs(x))", "exp(-x)", "sigmoid"),
    ("sigmoid.cu", "exp(-fabs(x))", "exp(-x)", "affine_sigmoid"),
    ("sigmoid.cu", "y[i] * (1 - y[i])", "(1 - y[i])", "sigmoid_vjp"),
    ("relu.cu", "y[i] > 0 ?", "y[i] < 0 ?", "relu_vjp"),
    ("relu.cu", "at_least_zero(y[i] + bias", "(y[i] + bias", "affine_relu"),
    ("gibbs.cuh", "beta < 0 ? -1 : 1", "1", "softmax"),
    ("gibbs.cuh", "wins && x == extreme", "x == extreme", "softmax"),
    ("gibbs.cuh", "-fabs(beta) * gap", "-beta * gap", "logsum"),
    ("gibbs.cuh", "total == 0 ? (real)1 : total", "total", "softmax"),
    ("softmax.cu", "-beta * p", "beta * p", "softmax_vjp"),
    ("softmax.cu", " - mixed)", ")", "softmax_vjp"),
    ("logsum.cu", "extreme - log", "extreme + log", "logsum"),
    ("logsum.cu", "df[row] * (", "(", "logsum_vjp"),
    ("likelihood.cu", "(beta < 0 ? -gap : gap) + log", "gap + log", "likelihood"),
    ("likelihood.cu", "of[y] == INFINITE ? INFINITE : ", "", "likelihood"),
    ("likelihood.cu", "y >= 0 && y < width && x", "x", "likelihood_vjp"),
    ("likelihood.cu", "- p[start + k] * chosen", "- p[start + k]", "likelihood_vjp"),
    ("sgd.cu", "x[i] -=", "x[i] +=", "sgd"),
    ("sgd.cu", "fresh * step", "step", "sgd"),
    ("sgd.cu", "traced ? rates[0] : rate", "rate", "sgd"),
    ("diag_lm.cu", "at_least_zero(curvature[i])", "curvature[i]", "diag_lm"),
    ("diag_lm.cu", "dx[i] + decay * x[i]", "dx[i]", "diag_lm"),
    ("rbf.cu", "at_least_zero(half[i]));", "half[i]);", "bumps"),
    ("rbf.cu", "phi[i] == 0 ? (real)0 : ", "", "bumps_slopes"),
    ("centred.cu", "0.5 * squares", "squares", "euclidean"),
    ("centred.cu", "- centre[k]", "", "euclidean"),
    ("distance.cu", "right[column_of(i, width)] - ", "right[column_of(i, width)] + ", "euclidean"),
    ("distance.cu", "- centre[column_of(i, width)]", "", "euclidean_vjp"),
    ("segments.cu", "place < n && ", "place + 1 < n && ", "sum_rows"),
    ("segments.cu", "from = middle + 1", "from = middle + 2", "segment_add"),
    ("segments.cu", "listed ? wanted[i / width] : i / width", "i / width", "sum_rows"),
    ("tiles.cuh", "energy = -product", "energy = product", "search_labels"),
    ("tiles.cuh", "sample * tile.stride +", "", "label_logsum"),
    ("tiles.cuh", "tile.start + t", "t", "label_logsum_vjp_codes"),
    ("tiles.cuh", "isinf(level) ? (real)0 : level", "level", "label_logsum"),
    ("label_weights.cu", "shrunk * (drawn[i] + last[i])", "drawn[i] + last[i]", "label_logsum"),
    ("label_weights.cu", "shrunk * total[b] + sum", "total[b] + sum", "label_logsum"),
    ("label_weights.cu", "distances ? moved[i] - mean : -mean", "moved[i] - mean", "label_logsum"),
    ("label_pulls.cu", "df[b] * exp", "exp", "label_logsum_vjp_codes"),
    ("label_pulls.cu", "f[b] - own[b]", "f[b]", "label_logsum_vjp_codes"),
    ("label_best.cu", "a.label < b.label", "a.label > b.label", "search_labels"),
    ("label_best.cu", "place > 0 ? &last : 0);\n            last", "0);\n            last", "search_labels"),
    ("recurrent.cu", "turned_weight[k * width + j]", "turned_weight[j * width + k]", "recurrent_tanh"),
    ("recurrent.cu", "+ carried[j])", ")", "recurrent_tanh_vjp"),
    ("recurrent.cu", "(1 - y * y)", "(1 - y)", "recurrent_tanh_vjp"),
]  # fmt: skip
# file, which of its barriers is taken out, and the primitive that must notice; the prelude's reductions have three
BARRIERS = [("recurrent.cu", k, "recurrent_tanh" if k < 2 else "recurrent_tanh_vjp") for k in range(4)] + [
    ("label_best.cu", k, "search_labels") for k in range(3)
]


def check(name, file, text, monkeypatch):
    """The kit on one primitive, with another text in place of a file or of what files include."""
    if file.endswith(".cuh"):
        whole = kernels.text
        monkeypatch.setattr(kernels.texts, "text", lambda asked: text if asked == file else whole(asked))
    launch = ShimLaunch(texts={file: text})
    check_ops(ShimBackend(launch=launch), [name])


@pytest.mark.parametrize(("file", "right", "wrong", "name"), FORMULAS)
def test_a_wrong_formula_is_noticed(file, right, wrong, name, monkeypatch):
    text = kernels.text(file)
    assert right in text
    with pytest.raises((ContractError, KernelFault, IndexError)):
        check(name, file, text.replace(right, wrong), monkeypatch)


@pytest.mark.parametrize(("file", "number", "name"), BARRIERS)
def test_a_missing_barrier_is_noticed(file, number, name, monkeypatch):
    parts = kernels.text(file).split("__syncthreads();")
    assert 0 <= number < len(parts) - 1
    joints = ["" if k == number else "__syncthreads();" for k in range(len(parts) - 1)]
    text = "".join(part + joint for part, joint in zip(parts, [*joints, ""], strict=True))
    with pytest.raises(KernelFault, match="barrier"):
        check(name, file, text, monkeypatch)


def test_every_file_with_a_formula_is_mutated():
    assert {file for file, *_ in FORMULAS} == {*kernels.files(), "gibbs.cuh", "tiles.cuh"}


def test_every_barrier_outside_the_prelude_is_mutated():
    counted = {file: kernels.text(file).count("__syncthreads();") for file in kernels.files()}
    assert {file: n for file, n in counted.items() if n} == {"recurrent.cu": 4, "label_best.cu": 3}
    assert len(BARRIERS) == sum(counted.values())
