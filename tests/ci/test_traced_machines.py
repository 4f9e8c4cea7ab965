"""Whole training steps of the lecture's machines, traced: no number is read on the host, every shape is known."""

import pytest

import xpnet as xn
from xpnet.errors import XpnetError

jax = pytest.importorskip("jax", reason="jax is not installed: nothing traces steps")

DATA_OF_THEIR_OWN = (
    "cascade",
    "graph",
    "softmax-log",
    "nn-rbf",
    "transform",
    "shared",
    "tied",
    "convolution",
    "diag-lm",
)
NAMES = (
    "cascade", "label-set", "graph", "switch", "branch-plus", "softmax-log", "cross-entropy", "logsum", "min", "junk",
    "rbf", "nn-rbf", "transform", "shared", "tied", "experts", "tdnn", "convolution", "recurrent", "crf", "viterbi",
    "lookup", "diag-lm",
)  # fmt: skip


class Traced(XpnetError):
    """Raised once the whole step has been traced, in place of compiling it."""


@pytest.fixture
def home(monkeypatch):
    """JAX, whose compiler is asked for no more than a trace."""
    from portability_table.places import Place
    from xpnet_jax import JaxBackend

    def trace(self, step, donate=0):
        def run(*arrays):
            jax.make_jaxpr(step)(*arrays)
            raise Traced

        return run

    monkeypatch.setattr(JaxBackend, "compile", trace)
    return Place("jax", "cpu", "float64").open()


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_step_is_traced(name, home, request, caplog):
    from portability_table.machines import MACHINES

    if name not in DATA_OF_THEIR_OWN:
        request.getfixturevalue("data_folder")
    course = next(machine for machine in MACHINES if machine.name == name).make(home)
    with pytest.raises(Traced):
        xn.capture(course.trainer).learn_sample(**course.step(0))
    assert not caplog.records  # nothing ran eagerly instead


def test_what_draws_on_the_host_is_the_only_one_left_out():
    from portability_table.machines import MACHINES

    assert {machine.name for machine in MACHINES} - set(NAMES) == {"negatives"}
