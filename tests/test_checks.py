"""Numbers and shapes that callers hand in: taken as they are meant, or refused with both sides."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.checks import real, shape_of, whole
from xpnet.data.answers import Answered
from xpnet.errors import BackendError, GraphError, LabelError, ParameterError, RecipeError, ShapeError
from xpnet.inference.answers import answers_among
from xpnet.machines.n_best import best_paths, n_best
from xpnet.modules import Trainable
from xpnet.testing import check_backend, check_module, check_ops


def test_whole_numbers():
    assert [whole(value, "top") for value in (1, np.int64(7))] == [1, 7]
    assert whole(0, "top", least=0) == 0
    assert type(whole(np.int64(7), "top")) is int
    for value in (0, -1, 2.0, True, "3", None):
        with pytest.raises(LabelError, match=f"top is an integer of at least 1; got {value!r}"):
            whole(value, "top", error=LabelError)
    with pytest.raises(ShapeError, match="top is an integer of at least 2; got 1"):
        whole(1, "top", least=2)


def test_real_numbers():
    found = [real(value, "beta") for value in (2, -0.5, np.float32(0.25), np.asarray(3.0), float("inf"))]
    assert found == [2.0, -0.5, 0.25, 3.0, float("inf")]
    assert all(type(value) is float for value in found)
    texts, numbers = ("1", b"1", np.str_("1"), np.asarray("1")), (1j, np.complex64(1), np.ones(2), np.ones(1), 10**400)
    for value in (*texts, *numbers, None, [1.0], True, np.True_):
        with pytest.raises(RecipeError, match="beta is a number; got"):
            real(value, "beta", error=RecipeError)


def test_shapes():
    assert shape_of((), "a wire") == ()
    assert shape_of([2, np.int64(3), 0], "a wire") == (2, 3, 0)
    for value in (3, "3", b"ab", bytearray(b"a"), None, (-1,), (True,), (2.0,), ("a",), {2}):
        with pytest.raises(ShapeError, match=r"the shape of a wire is a tuple of integers of at least 0, such as"):
            shape_of(value, "a wire")


LINEAR = xn.Linear(3, 2)
GRID, ROW = np.zeros((3, 3)), np.zeros(3)


def found():
    return answers_among(xn.get_backend("numpy"), np.zeros((2, 3)), top=1)


def told():
    return Answered(np.zeros(2, int), np.zeros((2, 3)))


REFUSED = [
    (lambda: Trainable(30), ShapeError, "the shape of a parameter is a tuple"),
    (lambda: xn.SparseParameter("ab"), ShapeError, "the shape of a parameter is a tuple"),
    (lambda: xn.SparseParameter(b"ab"), ShapeError, "the shape of a parameter is a tuple"),
    (lambda: xn.SparseParameter(0), ShapeError, "the shape of a parameter is a tuple.*got 0"),
    (lambda: xn.Delay("a"), ShapeError, "the shape of what a Delay keeps"),
    (lambda: xn.Delay(-1), ShapeError, "the shape of what a Delay keeps"),
    (lambda: xn.Logsum(10**400), ShapeError, "beta is a number; got 1000"),
    (lambda: xn.Logsum("a"), ShapeError, "beta is a number; got 'a'"),
    (lambda: xn.Softmax("1"), ShapeError, "beta is a number; got '1'"),
    (lambda: xn.losses.HingeLoss("1"), ShapeError, "margin is a number; got '1'"),
    (lambda: xn.Junk("a"), ShapeError, "the energy of junk is a number"),
    (lambda: xn.modules.Branch("a"), ShapeError, "n_outputs, of a Branch, is an integer of at least 0"),
    (lambda: xn.Switch("a"), ShapeError, "event_ndim is an integer of at least 0; got 'a'"),
    (lambda: xn.WeightedSum(1.5), ShapeError, r"event_ndim is an integer of at least 0; got 1\.5"),
    (lambda: xn.TimeDelay("a"), ShapeError, "width, of a window, is an integer of at least 1; got 'a'"),
    (lambda: xn.TimeDelay(2, stride=0), ShapeError, "stride, of a window, is an integer of at least 1; got 0"),
    (lambda: xn.Trellis("a"), ShapeError, "n_states, of a Trellis, is an integer of at least 1"),
    (lambda: xn.MixtureOfExperts(LINEAR, 4), GraphError, "then a list of experts; got 4 in place"),
    (lambda: xn.DiagLm("a"), RecipeError, "learning_rate is a number; got 'a'"),
    (lambda: n_best(GRID, GRID, ROW, "3"), ShapeError, "n, the number of paths wanted, is an integer"),
    (lambda: best_paths(GRID, GRID, ROW, 2.5), ShapeError, "n, the number of paths wanted, is an integer"),
    (lambda: found().rejected(margin="1"), ShapeError, "the margin to refuse below is a number; got '1'"),
    (lambda: found().rejected(energy="1"), ShapeError, "the energy to refuse above is a number; got '1'"),
    (lambda: told().rejected(probability="1"), ShapeError, "the probability to refuse below is a number"),
    (lambda: told().rejected(margin=None), ShapeError, "the margin to refuse below is a number; got None"),
    (lambda: xn.get_backend(42), BackendError, r"a backend is asked for by its name.*got 42\. Installed: .*numpy"),
    (lambda: xn.get_backend(0), BackendError, "by its name.*got 0"),
    (lambda: xn.get_backend(["numpy"]), BackendError, r"by its name.*got \['numpy'\]"),
    (lambda: xn.ParameterStore(xn.Linear(3, 2), backend=np), BackendError, "by its name.*got <module 'numpy'"),
    (lambda: xn.use_backend(np).__enter__(), BackendError, "by its name.*got <module 'numpy'"),
    (lambda: check_backend(np), BackendError, "by its name.*got <module 'numpy'"),
    (lambda: check_ops("numpyy"), BackendError, "unknown backend 'numpyy'; did you mean 'numpy'"),
    (lambda: check_module(xn.Linear(3, 2), inputs=3), ShapeError, r"such as \[\(3,\)\] for one vector; got 3"),
    (lambda: check_module(xn.Linear(3, 2), inputs=None), ShapeError, r"such as \[\(3,\)\] for one vector; got None"),
    (lambda: check_module(xn.Linear(3, 2), inputs=(3,)), ShapeError, r"such as \[\(3,\)\] for one vector; got \(3,\)"),
    (lambda: check_module(xn.Linear(3, 2), inputs=[(2.5,)]), ShapeError, "the shape of each input's event is a tuple"),
    (lambda: xn.ParameterStore(xn.Linear(3, 2)).to(None), BackendError, r"such as to\('cuda:1'\); got None"),
    (lambda: xn.ParameterStore(xn.Linear(3, 2))[3], ParameterError, "no parameter 3; known: bias, weight"),
    (lambda: xn.ParameterStore(xn.Linear(3, 2)).load_state_dict([1]), ParameterError, r"\{name: array\}.*got \[1\]"),
    (
        lambda: xn.ParameterStore(xn.Linear(3, 2)).load_slots_dict([1]),
        ParameterError,
        r"\{slot: .*got \[1\]",
    ),
    (lambda: xn.ParameterStore(xn.Linear(3, 2)).load_slots_dict({"a": 1}), ParameterError, r"\{slot: .*got 1"),
    (
        lambda: xn.ParameterStore(xn.Linear(3, 2)).load_state_dict({"weight": "abc", "bias": np.zeros(2, "f")}),
        ParameterError,
        r"'weight' is an array of shape \(2, 3\); got 'abc'",
    ),
]


def test_a_delay_takes_every_kind_of_integer():
    assert xn.Delay(np.int64(3)).shape == xn.Delay(3).shape == xn.Delay((3,)).shape == (3,)


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED)
def test_what_cannot_be_meant_is_refused_where_it_comes_in(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
