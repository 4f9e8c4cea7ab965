"""LeNet-1, LeNet-5 and the ladder of weight sharing: published numbers of parameters and of connections.

A connection is one use of a parameter. With inputs and cotangents of ones, dx of a parameter of any of these layers is
the number of its uses, so the sum of all dx counts the connections.
"""

import numpy as np
import pytest

import xpnet as xn
from xpnet.machines.lenet import LENET1_TABLE, LENET5_TABLE, lenet1, lenet5
from xpnet.modules import LocalLinear, Pad, Patches, Reshape


def layers(machine):
    return [module for module in machine.modules if list(module.parameters())]


def size(module):
    return sum(np.prod(parameter.shape) for _, parameter in module.parameters())


def connections(machine, shape):
    """The number of connections of every layer with parameters."""
    counts, x = [], np.ones(shape)
    for module in machine.modules:
        input, output = xn.State(x), xn.State()
        module.fprop(input, output)
        output.accumulate(np.ones(output.x.shape))
        module.bprop(input, output)
        x = np.ones(output.x.shape)
        if list(module.parameters()):
            counts.append(round(sum(parameter.dx.sum() for _, parameter in module.parameters())))
    return counts


def test_lenet5_has_its_published_numbers(numpy64):
    """LeCun, Bottou, Bengio and Haffner 1998, section II.B: 60,000 parameters before the fixed output codes."""
    machine = lenet5()
    assert [size(module) for module in layers(machine)] == [156, 12, 1516, 32, 48120, 10164]
    assert sum(map(size, layers(machine))) == xn.ParameterStore(machine).size == 60_000
    assert connections(machine, (32, 32, 1)) == [122_304, 5_880, 151_600, 2_000, 48_120, 10_164]


def test_lenet1_has_its_published_numbers(numpy64):
    """LeCun et al. 1990: 2578 independent parameters, 98442 connections, with an input of 28x28."""
    machine = lenet1()
    assert [size(module) for module in layers(machine)] == [104, 8, 512, 24, 1930]
    assert xn.ParameterStore(machine).size == 2_578
    assert sum(connections(machine, (28, 28, 1))) == 98_442


def test_connection_tables():
    """Table I of 1998: maps 0-5 read three neighbours, 6-11 four, 12-14 two pairs, 15 all."""
    reads = [{source for source, target in LENET5_TABLE if target == k} for k in range(16)]
    assert reads[0] == {0, 1, 2}
    assert reads[5] == {5, 0, 1}
    assert reads[6] == {0, 1, 2, 3}
    assert reads[11] == {5, 0, 1, 2}
    assert reads[12:] == [{0, 1, 3, 4}, {1, 2, 4, 5}, {0, 2, 3, 5}, {0, 1, 2, 3, 4, 5}]
    assert len(LENET5_TABLE) == 60
    assert [sum(source == k for source, _ in LENET5_TABLE) for k in range(6)] == [10] * 6
    assert len(LENET1_TABLE) == 20
    assert [sum(source == k for source, _ in LENET1_TABLE) for k in range(4)] == [5] * 4


@pytest.mark.parametrize(("make", "size", "codes"), [(lenet1, 28, 10), (lenet5, 32, 84)])
def test_one_step_of_learning_lowers_the_energy(backend, rng, make, size, codes):
    machine = make()
    store = xn.ParameterStore(machine, backend)
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), store)
    images = backend.asarray(rng.normal(size=(2, size, size, 1)))
    label_set = backend.asarray(np.sign(rng.normal(size=(10, codes))))
    index, energies = trainer.run(images, label_set)
    assert tuple(energies.shape) == (2, 10)
    assert tuple(index.shape) == (2,)
    labels = backend.indices([3, 4])
    first = trainer.learn_sample(images, labels, label_set, learning_rate=1e-3)
    second = trainer.learn_sample(images, labels, label_set, learning_rate=1e-3)
    assert float(np.sum(backend.to_numpy(second))) < float(np.sum(backend.to_numpy(first)))


# --- the ladder of weight sharing on 16x16 digits -----------------------------------------------------------
# Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 11.7, after LeCun 1989: local windows
# reach over the edge by one pixel, and every unit keeps a bias of its own.

BORDER = Pad([(1, 0), (1, 0)], value=1.0)  # ones, so that the links to the border are counted too


def own_biases(*shape):
    flat = (int(np.prod(shape)),)
    return [Reshape(shape, flat), xn.Bias(*flat), Reshape(flat, shape)]


def shared_maps():
    return [BORDER, xn.ImageConvolution(1, 2, kernel=3, stride=2, bias=False), *own_biases(8, 8, 2)]


LADDER = {
    "Net-1": (2570, 2570, [Reshape((16, 16, 1), (256,)), xn.Linear(256, 10)]),
    "Net-2": (3214, 3214, [Reshape((16, 16, 1), (256,)), xn.Linear(256, 12), xn.Linear(12, 10)]),
    "Net-3": (
        1226,
        1226,
        [
            BORDER, Patches(3, stride=2), LocalLinear((8, 8), 9, 1), Patches(5), LocalLinear((4, 4), 25, 1),
            Reshape((4, 4, 1), (16,)), xn.Linear(16, 10),
        ],
    ),
    "Net-4": (
        1132,
        2266,
        [*shared_maps(), Patches(5), LocalLinear((4, 4), 50, 1), Reshape((4, 4, 1), (16,)), xn.Linear(16, 10)],
    ),
    "Net-5": (
        1060,
        5194,
        [
            *shared_maps(), xn.ImageConvolution(2, 4, kernel=5, bias=False), *own_biases(4, 4, 4),
            Reshape((4, 4, 4), (64,)), xn.Linear(64, 10),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("net", LADDER)
def test_the_ladder_of_weight_sharing(numpy64, net):
    weights, links, modules = LADDER[net]
    machine = xn.Cascade(*modules)
    assert xn.ParameterStore(machine).size == weights
    assert sum(connections(machine, (16, 16, 1))) == links
