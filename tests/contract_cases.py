"""Every shipped module and some machines, with the event shapes of their inputs: what the contract suite sweeps."""

from collections.abc import Callable
from dataclasses import dataclass

import machine_cases

import xpnet as xn
from xpnet import modules
from xpnet._typing import Generator, HostArray, Shape
from xpnet.machines.augmented import Augmented
from xpnet.machines.crf import Crf
from xpnet.machines.ctc import Ctc
from xpnet.machines.enumeration import AllPaths
from xpnet.machines.label_sequences import LabelSequences
from xpnet.machines.recurrent import Recurrent, simple_cell
from xpnet.machines.sequence_loss import SequenceHinge, SequenceNll, SequencePerceptron
from xpnet.machines.transformed import PathSeparated, Replicas
from xpnet.machines.trellis import Trellis
from xpnet.machines.unfolded import Unfolded
from xpnet.modules.split_linear import SplitLinear
from xpnet.testing import draws
from xpnet.testing.draws import Draw, integers


@dataclass(frozen=True)
class Case:
    """A module to make, the event shape of each of its inputs, and how to draw those that are not normal numbers."""

    name: str
    make: Callable[[], xn.Module]
    inputs: list[tuple[int, ...]]
    draws: list[Draw | None] | None = None


def energy_machine() -> xn.Graph:
    """E(X, Y) with a shared module, fan-out and a nested cascade."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    encoder = xn.Cascade(xn.Linear(3, 4), xn.Tanh())
    a, b = graph(encoder, x), graph(encoder, y)
    mixed = graph(xn.Sigmoid(), graph(xn.Linear(8, 3), graph(xn.Concatenate(), a, b)))
    graph.output("energy", graph(xn.Logsum(), graph(xn.Plus(), mixed, x)))
    return graph


def masked_softmax() -> xn.Graph:
    """P(k) of energies of which some are absent, or all: then it is 0."""
    graph = xn.Graph()
    energies, present = graph.input("energies"), graph.input("present")
    graph.output("probabilities", graph(xn.Softmax(0.7), graph(modules.Mask(), energies, present)))
    return graph


def one_or_two(generator: Generator, shape: Shape) -> HostArray:
    """Presence of everything, by numbers that are not 0."""
    return generator.integers(1, 3, size=shape)


CASES = [
    Case("linear", lambda: xn.Linear(3, 2), [(3,)]),
    Case("linear-wide", lambda: xn.Linear(1, 4), [(1,)]),
    Case("linear-no-bias", lambda: xn.Linear(3, 2, bias=False), [(3,)]),
    Case("affine", lambda: modules.Affine(3, 2), [(3,)]),
    Case("affine-scaled", lambda: modules.Affine(1, 3, "scaled_tanh"), [(1,)]),
    Case("affine-sigmoid", lambda: modules.Affine(3, 2, "sigmoid"), [(3,)]),
    Case("affine-relu", lambda: modules.Affine(4, 2, "relu"), [(4,)]),
    Case("recurrent-tanh", lambda: modules.RecurrentTanh(2, 3), [(4, 2)]),
    Case("recurrent-tanh-1", lambda: modules.RecurrentTanh(1, 1), [(1, 1)]),
    Case("bias", lambda: xn.Bias(3), [(3,)]),
    Case("tanh", xn.Tanh, [(3,)]),
    Case("scaled-tanh", xn.ScaledTanh, [(3,)]),
    Case("sigmoid", xn.Sigmoid, [(2, 3)]),
    Case("relu", xn.Relu, [(3,)]),
    Case("split-linear-1", lambda: SplitLinear(xn.Linear(3, 2)), [(3,)]),
    Case("split-linear-2", lambda: SplitLinear(xn.Linear(3, 2)), [(1,), (2,)]),
    Case("split-linear-3", lambda: SplitLinear(xn.Linear(6, 2)), [(2,), (3,), (1,)]),
    Case("split-linear-no-bias", lambda: SplitLinear(xn.Linear(4, 3, bias=False)), [(3,), (1,)]),
    Case("euclidean", xn.Euclidean, [(3,), (3,)]),
    Case("inner-product", modules.InnerProduct, [(3,), (3,)]),
    Case("inner-product-1", modules.InnerProduct, [(1,), (1,)]),
    Case("mask", modules.Mask, [(4,), (4,)], [None, one_or_two]),  # absent ones are +∞: no differences are taken there
    Case("mask-softmax", masked_softmax, [(4,), (4,)], [None, integers(2)]),
    Case("mask-softmax-1", masked_softmax, [(1,), (1,)], [None, integers(2)]),
    Case("mask-softmax-nothing", masked_softmax, [(3,), (3,)], [None, integers(1)]),
    Case("plus-1", xn.Plus, [(3,)]),
    Case("plus-3", xn.Plus, [(3,), (3,), (3,)]),
    Case("branch-1", lambda: xn.Branch(1), [(3,)]),
    Case("branch-3", lambda: xn.Branch(3), [(3,)]),
    Case("softmax", xn.Softmax, [(4,)]),
    Case("softmax-hot", lambda: xn.Softmax(beta=0.3), [(4,)]),
    Case("softmax-negative", lambda: xn.Softmax(beta=-2.0), [(4,)]),
    Case("softmax-flat", lambda: xn.Softmax(beta=0.0), [(4,)]),
    Case("logsum", xn.Logsum, [(4,)]),
    Case("logsum-cold", lambda: xn.Logsum(beta=2.0), [(4,)]),
    Case("logsum-negative", lambda: xn.Logsum(beta=-0.5), [(4,)]),
    Case("logsum-hard", lambda: xn.Logsum(beta=float("inf")), [(4,)]),
    Case("logsum-trainable", lambda: xn.Logsum(beta=0.7, trainable=True), [(4,)]),
    Case("logsum-mean", lambda: xn.Logsum(beta=0.7, mean=True), [(4,)]),
    Case("logsum-mean-flat", lambda: xn.Logsum(beta=0.0, mean=True), [(4,)]),
    Case("logsum-mean-trainable", lambda: xn.Logsum(beta=0.7, trainable=True, mean=True), [(4,)]),
    Case("logsum-1", lambda: xn.Logsum(beta=2.0, trainable=True), [(1,)]),
    Case("softmax-trainable", lambda: xn.Softmax(beta=0.7, trainable=True), [(4,)]),
    Case("softmax-hard", lambda: xn.Softmax(beta=-float("inf")), [(4,)]),
    Case("switch-1", lambda: xn.Switch(event_ndim=1), [(3,), ()], [None, draws.integers(1)]),
    Case("switch-3", lambda: xn.Switch(event_ndim=1), [(2,), (2,), (2,), ()], [None, None, None, draws.integers(3)]),
    Case("switch-scalars", lambda: xn.Switch(event_ndim=0), [(), (), ()], [None, None, draws.integers(2)]),
    Case("switch-images", lambda: xn.Switch(event_ndim=2), [(2, 1), (1, 3), ()], [None, None, draws.integers(2)]),
    Case("select", modules.Select, [(4,), ()], [None, draws.integers(4)]),
    Case("select-1", modules.Select, [(1,), ()], [None, draws.integers(1)]),
    Case("min", xn.Min, [(4,)]),
    Case("min-1", xn.Min, [(1,)]),
    Case("log-loss", xn.LogLoss, [(4,), ()], [draws.distribution, draws.integers(4)]),
    Case("log-loss-cold", lambda: xn.LogLoss(beta=3.0), [(2,), ()], [draws.positive, draws.integers(2)]),
    Case("cross-entropy", xn.CrossEntropy, [(4,), (4,)], [None, draws.distribution]),
    Case("cross-entropy-free", lambda: xn.CrossEntropy(beta=0.4), [(3,), (3,)]),
    Case("cross-entropy-1", lambda: xn.CrossEntropy(beta=-2.0), [(1,), (1,)], [None, draws.positive]),
    Case("kullback-leibler", xn.KullbackLeibler, [(4,), (4,)], [draws.distribution, draws.distribution]),
    Case("kullback-leibler-free", xn.KullbackLeibler, [(2,), (2,)], [draws.positive, draws.positive]),
    Case("junk", lambda: xn.Junk(energy=0.5), [(3,)]),
    Case("junk-trainable", lambda: xn.Junk(energy=0.5, trainable=True), [(3,)]),
    Case("concatenate-1", xn.Concatenate, [(2,)]),
    Case("concatenate-3", xn.Concatenate, [(2,), (3,), (1,)]),
    Case("cascade", lambda: xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2)), [(3,)]),
    Case("graph", energy_machine, [(3,), (3,)]),
]

CASES += [
    Case("time-delay", lambda: modules.TimeDelay(3), [(5, 2)]),
    Case("time-delay-1", lambda: modules.TimeDelay(1, stride=2), [(4, 2)]),
    Case("time-delay-sparse", lambda: modules.TimeDelay(2, stride=2, dilation=3), [(7, 2)]),
    Case("convolution", lambda: modules.Convolution(2, 3, kernel=3), [(5, 2)]),
    Case("convolution-1", lambda: modules.Convolution(1, 1, kernel=1, bias=False), [(2, 1)]),
    Case("convolution-sparse", lambda: modules.Convolution(2, 1, kernel=3, stride=2, dilation=2), [(8, 2)]),
    Case("convolution-gaps", lambda: modules.Convolution(1, 2, kernel=2, stride=3), [(7, 1)]),
    Case("image-convolution", lambda: modules.ImageConvolution(2, 2, kernel=(2, 3)), [(3, 4, 2)]),
    Case("image-convolution-sparse", lambda: modules.ImageConvolution(1, 2, 2, (2, 1), (1, 2)), [(4, 3, 1)]),
    Case(
        "image-convolution-table",
        lambda: modules.ImageConvolution(3, 2, kernel=2, connections=[(2, 0), (0, 1), (2, 1)]),
        [(3, 2, 3)],
    ),
    Case("patches", lambda: modules.Patches((2, 1), stride=(1, 2)), [(3, 3, 2)]),
    Case("local-linear", lambda: modules.LocalLinear((2, 2), 3, 2), [(2, 2, 3)]),
    Case("local-linear-no-bias", lambda: modules.LocalLinear((3,), 2, 1, bias=False), [(3, 2)]),
    Case("subsampling", lambda: modules.Subsampling(2), [(4, 5, 2)]),
    Case("subsampling-sequence", lambda: modules.Subsampling(2, size=(3,), stride=(2,)), [(5, 2)]),
    Case("average-pooling", modules.AveragePooling, [(4, 2, 2)]),
    Case("average-pooling-overlap", lambda: modules.AveragePooling(2, stride=1), [(3, 3, 1)]),
    Case("max-pooling", modules.MaxPooling, [(4, 2, 2)]),
    Case("max-pooling-overlap", lambda: modules.MaxPooling((3,), stride=(1,)), [(5, 2)]),
    Case("lookup", lambda: modules.Lookup(5, 3), [()], [integers(5)]),
    Case("lookup-sparse", lambda: modules.Lookup(5, 3, sparse=True), [()], [integers(5)]),
    Case("lookup-sequence", lambda: modules.Lookup(3, 1), [(4,)], [integers(3)]),
    Case("pad", lambda: modules.Pad([(1, 0), (0, 2)], value=-1.0), [(2, 2, 1)]),
    Case("pad-sequence", lambda: modules.Pad([(2, 1)]), [(2, 2)]),
    Case("reshape", lambda: modules.Reshape((2, 3), (6,)), [(2, 3)]),
    Case("steps", lambda: modules.Steps(1, 2), [(4, 2)]),
    Case("steps-1", lambda: modules.Steps(2, axis=-1), [(4,)]),
    Case("join-1", modules.Join, [(2, 2)]),
    Case("join-3", modules.Join, [(1, 2), (3, 2), (2, 2)]),
]
CASES += [Case(*row) for row in machine_cases.ROWS]


def until(steps: int) -> Draw:
    """Lengths from 0 to `steps`."""
    return integers(steps + 1)


def elman(**options: object) -> xn.Module:
    """A simple recurrent machine, 3 inputs and 2 states."""
    return Recurrent(simple_cell(3, 2), 2, **options)


def cyclic_graph() -> xn.Graph:
    """Two loops, one through two Delays, a read-out after the loop and a label that is the same at each step."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y", constant=True)
    z = graph.wire("z")
    once = graph(modules.Delay(2, "trainable"), z)
    twice = graph(modules.Delay(2), once)
    mixed = graph(xn.Linear(7, 2), graph(xn.Concatenate(), graph(xn.Tanh(), x), once, twice))
    graph(xn.Sigmoid(), mixed, to=z)
    graph.output("energy", graph(xn.Euclidean(), graph(xn.Linear(2, 2), z), y))
    graph.output("z", z)
    return graph


def two_output_cell() -> xn.Graph:
    """(X, Z) to (Z', Y)."""
    graph = xn.Graph()
    x, z = graph.input("x"), graph.input("z")
    new = graph(xn.Tanh(), graph(xn.Linear(4, 2), graph(xn.Concatenate(), x, z)))
    graph.output("z", new)
    graph.output("y", graph(xn.Linear(2, 3), new))
    return graph


CASES += [
    Case("delay", lambda: modules.Delay(2), [(3, 2)]),
    Case("delay-scalar", modules.Delay, [(3,)]),
    Case("delay-trainable", lambda: modules.Delay((2, 2), "trainable"), [(1, 2, 2)]),
    Case("delay-given", lambda: modules.Delay(2, "given"), [(3, 2), (2,)]),
    Case("stack", modules.Stack, [(2,), (2,), (2,)]),
    Case("stack-1", lambda: modules.Stack(0), [()]),
    Case("unstack", lambda: modules.Unstack(3), [(3, 2)]),
    Case("unstack-1", lambda: modules.Unstack(1, ndim=0), [(1,)]),
    Case("hold", modules.Hold, [(), (2,), (2,)], [integers(2), None, None]),
    Case("blank", modules.Blank, [(3, 2), ()], [None, until(3)]),
    Case("arcs", modules.Arcs, [(3,), (3, 2)]),
    Case("arcs-product", lambda: modules.Arcs("product"), [(3,), (3, 2)]),
    Case("times", modules.Times, [(3,), (3,)]),
    Case("minus", modules.Minus, [(3,), (3,)]),
    Case("sum", modules.Sum, [(3,)]),
    Case("clamp", lambda: modules.Clamp(0.0), [(3,), ()], [None, integers(3)]),
    Case("pick", lambda: modules.Pick([2, 0, 2]), [(3,)]),
    Case("expand", modules.Expand, [(3,)]),
    Case("expand-scalar", lambda: modules.Expand(0), [()]),
    Case("given", lambda: modules.Given([1.0, 2.0]), []),
    Case("trainable", lambda: modules.Trainable((2, 3)), []),
    Case("trainable-sparse", lambda: modules.Trainable((2, 3), sparse=True), []),
    Case("all-paths", lambda: AllPaths(2, steps=3), [(3, 2), (2, 2), (2,)]),
    Case("all-paths-1", lambda: AllPaths(3, steps=1), [(1, 3), (3, 3), (3,)]),
]
CASES += [
    Case("recurrent", elman, [(3, 3)]),
    Case("recurrent-1", elman, [(1, 3)]),
    Case("recurrent-last-trainable", lambda: elman(last=True, initial="trainable"), [(3, 3)]),
    Case("recurrent-given", lambda: elman(initial="given"), [(2, 3), (2,)]),
    Case("recurrent-lengths", lambda: elman(lengths=True), [(3, 3), ()], [None, until(3)]),
    Case("recurrent-lengths-last", lambda: elman(lengths=True, last=True, hoist=True), [(3, 3), ()], [None, until(3)]),
    Case("recurrent-hoist", lambda: elman(hoist=True, initial="trainable"), [(3, 3)]),
    Case("recurrent-readout", lambda: Recurrent(two_output_cell(), 2), [(3, 2)]),
    Case("recurrent-readout-hoist", lambda: Recurrent(two_output_cell(), 2, hoist=True), [(3, 2)]),
    Case("recurrent-plus", lambda: Recurrent(xn.Plus(), 2), [(3, 2)]),
    Case("cyclic-graph", cyclic_graph, [(3, 3), (2,)]),
    Case("unfolded-hoist", lambda: Unfolded(cyclic_graph(), 2, hoist=True), [(2, 3), (2,)]),
    Case("trellis", lambda: Trellis(2), [(3, 2), (2, 2), (2,)]),
    Case("trellis-1", lambda: Trellis(1, beta=2.0), [(2, 1), (1, 1), (1,)]),
    Case("trellis-timed", lambda: Trellis(2, timed=True, final=True), [(3, 2), (3, 2, 2), (2,), (2,)]),
    Case("trellis-min", lambda: Trellis(3, "min"), [(3, 3), (3, 3), (3,)]),
    Case("trellis-sum", lambda: Trellis(2, "sum"), [(3, 2), (2, 2), (2,)]),
    Case("trellis-hot", lambda: Trellis(2, beta=-0.5), [(3, 2), (2, 2), (2,)]),
    Case(
        "trellis-lengths",
        lambda: Trellis(2, lengths=True),
        [(3, 2), (2, 2), (2,), ()],
        [None, None, None, until(3)],
    ),
    Case("sequence-nll", lambda: SequenceNll(2), [(3, 2), (2, 2), (2,), (3,)], [None, None, None, integers(2)]),
    Case(
        "sequence-nll-final",
        lambda: SequenceNll(2, final=True),
        [(3, 2), (2, 2), (2,), (2,), (3,)],
        [None, None, None, None, integers(2)],
    ),
    Case(
        "sequence-perceptron",
        lambda: SequencePerceptron(3),
        [(2, 3), (3, 3), (3,), (2,)],
        [None, None, None, integers(3)],
    ),
    Case(
        "sequence-hinge",
        lambda: SequenceHinge(2, margin=0.5, lengths=True),
        [(3, 2), (2, 2), (2,), (3,), ()],
        [None, None, None, integers(2), until(3)],
    ),
    Case("augmented", lambda: Augmented(0.5), [(3,), ()], [None, integers(3)]),
    Case("label-sequences", lambda: LabelSequences(2, final=True), []),
    Case("crf", lambda: Crf(2, lengths=True), [(3, 2), (3,), ()], [None, integers(2), until(3)]),
    Case("ctc", lambda: Ctc([0, 1], blank=2), [(4, 3)]),
    Case("replicas", lambda: Replicas(xn.Linear(3, 2), 2, shared=True), [(3,), (3,)]),
    Case("path-separated", lambda: PathSeparated(energy_machine()), [(3,), (3,)]),
]
