"""Contract cases of radial basis functions, experts, parameter-space transforms and the machines made of them."""

import numpy as np

import xpnet as xn
from xpnet import modules
from xpnet.machines.mixture import MixtureOfExperts
from xpnet.machines.nn_rbf import nn_rbf_classifier, nn_rbf_energy, rbf_net
from xpnet.machines.parallel import Parallel
from xpnet.machines.reparameterized import Reparameterized
from xpnet.modules.linear_map import LinearMap, Masked, sharing
from xpnet.modules.stacked import ReplicaAxis, StackedLinear

LATIN = np.asarray([[0, 1, 2], [1, 2, 0], [2, 0, 1]])


def net():
    return xn.Cascade(xn.Linear(3, 3), xn.Tanh(), xn.Linear(3, 2))


def twice():
    shared = xn.Linear(3, 3)
    return xn.Cascade(shared, xn.Tanh(), shared)


def branched():
    """A graph with fan-out, for experts that are no cascades."""
    graph = xn.Graph()
    x = graph.input("x")
    h = graph(xn.Tanh(), graph(xn.Linear(3, 4), x))
    graph.output("y", graph(xn.Linear(7, 2), graph(xn.Concatenate(), h, x)))
    return graph


def experts(make, count, **options):
    return MixtureOfExperts(xn.Linear(3, count), [make() for _ in range(count)], **options)


def transformed(transforms):
    return Reparameterized(net(), transforms)


ROWS = [
    ("distance", lambda: xn.Distance(3, 4), [(3,)]),
    ("distance-1", lambda: xn.Distance(1, 1), [(1,)]),
    ("rbf", lambda: xn.Rbf(3, 4), [(3,)]),
    ("rbf-outputs", lambda: xn.Rbf(2, 3, out_features=2), [(2,)]),
    ("rbf-1", lambda: xn.Rbf(1, 1), [(1,)]),
    ("weighted-sum-1", xn.WeightedSum, [(1,), (3,)]),
    ("weighted-sum-3", xn.WeightedSum, [(3,), (2,), (2,), (2,)]),
    ("weighted-sum-energies", lambda: xn.WeightedSum(event_ndim=0), [(2,), (), ()]),
    ("weighted-sum-matrices", lambda: xn.WeightedSum(event_ndim=2), [(2,), (2, 3), (2, 3)]),
    ("weighted-rows", modules.WeightedRows, [(3,), (3, 2)]),
    ("weighted-rows-1", modules.WeightedRows, [(1,), (1, 2)]),
    ("softplus", modules.Softplus, [(3,)]),
    ("unit-rows", modules.UnitRows, [(3,)]),
    ("unit-rows-matrix", modules.UnitRows, [(2, 2)]),
    ("low-rank", lambda: modules.LowRank(2), [(3, 2), (4, 2)]),
    ("circulant", modules.Circulant, [(4,)]),
    ("circulant-1", modules.Circulant, [(1,)]),
    ("transpose", modules.Transpose, [(2, 3)]),
    ("linear-map", lambda: LinearMap(np.arange(12.0).reshape(6, 2) - 5.0, (2, 3)), [(2,)]),
    ("sharing", lambda: sharing(np.asarray([[0, 1], [1, 2]])), [(3,)]),
    ("masked", lambda: Masked(np.asarray([0.0, 1.0, 1.0])), [(3,)]),
    ("replica-axis", ReplicaAxis, [(3,)]),
    ("stacked-linear", lambda: StackedLinear([xn.Linear(3, 2) for _ in range(3)]), [(3, 3)]),
    ("stacked-linear-one-input", lambda: StackedLinear([xn.Linear(3, 2) for _ in range(3)]), [(1, 3)]),
    ("stacked-linear-1", lambda: StackedLinear([xn.Linear(3, 2, bias=False)]), [(1, 3)]),
    ("parallel", lambda: Parallel([net() for _ in range(3)]), [(3,)]),
    ("parallel-graphs", lambda: Parallel([branched() for _ in range(2)]), [(3,)]),
    ("experts", lambda: experts(net, 3), [(3,)]),
    ("experts-one-by-one", lambda: experts(net, 3, beta=0.5, batched=False), [(3,)]),
    ("experts-1", lambda: experts(branched, 1), [(3,)]),
    ("experts-mixed", lambda: MixtureOfExperts(net(), [xn.Rbf(3, 2, 2), xn.Linear(3, 2)]), [(3,)]),
    ("rbf-net", lambda: rbf_net(2, 3, 2), [(2,)]),
    ("nn-rbf-classifier", lambda: nn_rbf_classifier((3, 4, 2), 3, beta=0.5), [(3,)]),
    ("nn-rbf-energy", lambda: nn_rbf_energy((3, 4, 2), 3), [(3,), (3,)]),
    ("positive", lambda: transformed({"0.weight": modules.Softplus(), "0.bias": modules.Softplus()}), [(3,)]),
    ("normalised", lambda: transformed({"0.weight": modules.UnitRows()}), [(3,)]),
    ("factored", lambda: transformed({"2.weight": modules.LowRank(1)}), [(3,)]),
    ("circulant-shared", lambda: Reparameterized(twice(), {"0.weight": modules.Circulant()}), [(3,)]),
    ("transposed", lambda: transformed({"2.weight": modules.Transpose()}), [(3,)]),
    ("shared-by-matrix", lambda: transformed({"0.weight": sharing(LATIN)}), [(3,)]),
    ("transform-of-a-leaf", lambda: Reparameterized(xn.Linear(3, 2), {"weight": modules.UnitRows()}), [(3,)]),
    ("transform-with-weights", lambda: transformed({"0.weight": net().modules[0]}), [(3,)]),
    (
        "transform-by-a-machine",
        lambda: transformed({"0.weight": xn.Cascade(modules.Softplus(), modules.UnitRows())}),
        [(3,)],
    ),
    (
        "transform-of-a-transform",
        lambda: Reparameterized(transformed({"0.weight": modules.UnitRows()}), {"0.weight.u": modules.Softplus()}),
        [(3,)],
    ),
    (
        "transform-inside",
        lambda: xn.Cascade(Reparameterized(xn.Linear(3, 2), {"weight": modules.UnitRows()}), xn.Tanh()),
        [(3,)],
    ),
]


def passes(machine, x, dy):
    """The input and output states after fprop, bprop and bbprop, with dy as gradient and as second derivative."""
    input, output = xn.State(x), xn.State()
    machine.fprop(input, output)
    output.accumulate(dy)
    output.accumulate_ddx(dy)
    machine.bprop(input, output)
    machine.bbprop(input, output)
    return input, output
