"""Energies of ±1e4 and ±1e30, forbidden answers, and β from 1e-8 to 1e8: no NaN in any pass, in float32 and float64."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.losses import MeeLoss, NegativeLogLikelihood
from xpnet.machines.trellis import Trellis

BETAS = [sign * beta for beta in (1e-8, 1e-3, 1.0, 1e3, 1e8) for sign in (1, -1)]
INF = np.inf
ROWS = [
    [1e4, -1e4, 0.5], [-1e4, -1e4, 3.0], [1e30, -1e30, 1.0], [1e30, 1e30, 1e30], [0.0, 0.0, 0.0],
    [INF, 1.0, 2.0], [INF, 1e30, -1e30], [INF, INF, 1e4], [INF, INF, INF],
]  # fmt: skip
MODULES = {
    "min": lambda beta: xn.Min(),
    "logsum": xn.Logsum,
    "logsum-mean": lambda beta: xn.Logsum(beta, mean=True),
    "logsum-trainable": lambda beta: xn.Logsum(beta, trainable=True),
    "logsum-mean-trainable": lambda beta: xn.Logsum(beta, trainable=True, mean=True),
    "softmax": xn.Softmax,
    "softmax-trainable": lambda beta: xn.Softmax(beta, trainable=True),
    "softmax-log": lambda beta: softmax_and_log(beta),
    "cross-entropy": xn.CrossEntropy,
    "likelihood": NegativeLogLikelihood,
    "mee": MeeLoss,
    "junk-logsum": lambda beta: xn.Cascade(xn.Junk(0.5, trainable=True), xn.Logsum(beta)),
}


def softmax_and_log(beta):
    graph = xn.Graph()
    energies, label = graph.input("energies"), graph.input("label")
    graph.output("loss", graph(xn.LogLoss(beta), graph(xn.Softmax(beta), energies), label))
    return graph


@pytest.fixture(params=["float32", "float64"])
def place(request):
    with xn.use_backend("numpy", dtype=request.param) as found:
        yield found


def passes(module, backend, *states):
    """The output after all three passes."""
    xn.ParameterStore(module, backend)
    output = xn.State()
    module.fprop(*states, output)
    output.accumulate(backend.xp.ones_like(output.x))
    output.accumulate_ddx(backend.xp.ones_like(output.x))
    module.bprop(*states, output)
    module.bbprop(*states, output)
    return output


def labels(name, backend):
    if name in ("softmax-log", "likelihood", "mee"):
        return [xn.State(backend.indices([0] * len(ROWS)), fixed=True)]
    if name == "cross-entropy":
        return [xn.State(backend.asarray([[0.5, 0.25, 0.25]] * len(ROWS)), fixed=True)]
    return []


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("name", MODULES)
def test_no_pass_makes_a_nan(place, name, beta):
    module, energies = MODULES[name](beta), xn.State(place.asarray(ROWS))
    output = passes(module, place, energies, *labels(name, place))
    assert not np.isnan(output.x).any()
    assert np.isfinite(energies.dx).all()
    assert not np.isnan(energies.ddx).any()
    for _, parameter in module.parameters():
        assert np.isfinite(parameter.dx).all()
        assert not np.isnan(parameter.ddx).any()
    if name not in ("min", "junk-logsum") and beta > 0:
        assert not np.asarray(energies.dx[-1]).any(), "a row without any possible answer takes no gradient"


@pytest.mark.parametrize("scale", [1e4, 1e30])
@pytest.mark.parametrize(("plus", "beta"), [("min", 1.0), ("logsum", 1e-8), ("logsum", 1.0), ("logsum", 1e8)])
def test_no_pass_of_a_trellis_makes_a_nan(place, rng, scale, plus, beta):
    values = [scale * rng.normal(size=shape) for shape in [(2, 4, 3), (3, 3), (3,)]]
    values[0][0, 1, :2] = INF  # labels that are forbidden, and a step where all are
    values[0][1, 2] = INF
    states = [xn.State(place.asarray(value)) for value in values]
    output = passes(Trellis(3, plus, beta), place, *states)
    assert np.isposinf(output.x).tolist() == [False, True]
    assert not np.isnan(output.x).any()
    for state in states:
        assert np.isfinite(state.dx).all()
        assert not np.isnan(state.ddx).any()
