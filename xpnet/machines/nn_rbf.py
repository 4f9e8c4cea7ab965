"""Radial basis function networks and the NN-RBF hybrid classifier of the lecture, built from their parts."""

from collections.abc import Sequence
from itertools import pairwise

from xpnet.errors import GraphError
from xpnet.machines.cascade import Cascade
from xpnet.machines.graph import Graph
from xpnet.module import Module
from xpnet.modules.distance import Distance
from xpnet.modules.euclidean import Euclidean
from xpnet.modules.linear import Bias, Linear
from xpnet.modules.pointwise import ScaledTanh
from xpnet.modules.rbf import Rbf
from xpnet.modules.softmax import Softmax


def rbf_net(in_features: int, n_centres: int, out_features: int = 1) -> Cascade:
    """F = Σ_i u_i exp(-k_i ‖X - W_i‖²) + b, for regression.

    `xpnet.kmeans.place_centres(net[0], samples)` starts its centres and widths.

    >>> rbf_net(3, 20, 2)
    Cascade(Rbf(3, 20, out_features=2), Bias(2))
    """
    return Cascade(Rbf(in_features, n_centres, out_features), Bias(out_features))


def nn_rbf(widths: Sequence[int], n_classes: int) -> Cascade:
    """Sigmoids below, distances on top: the energies E_k = ½ ‖h(X) - W_k‖² of n_classes classes, (..., n_classes).

    widths: features of the input, of each hidden layer and of h, e.g. (64, 32, 16). The smallest energy classifies;
    W_k is the class's prototype in the space of features. Train it by the MAP/MLE loss on these energies, or as
    `nn_rbf_classifier` by the log loss: softmax, switch and log are the same machine.

    >>> nn_rbf((4, 5, 2), 3)  # doctest: +NORMALIZE_WHITESPACE
    Cascade(Linear(4, 5), ScaledTanh(), Linear(5, 2), ScaledTanh(), Distance(2, 3))
    """
    return Cascade(*_sigmoids(widths), Distance(widths[-1], n_classes))


def nn_rbf_classifier(widths: Sequence[int], n_classes: int, beta: float = 1.0) -> Cascade:
    """The hybrid with probabilities as its output: P_k = softmax(-β E_k), to be trained by a log loss."""
    return Cascade(*nn_rbf(widths, n_classes).modules, Softmax(beta))


def nn_rbf_energy(widths: Sequence[int], n_classes: int) -> Graph:
    """The hybrid as an energy machine E(X, Y) = ½ ‖h(X) - W Y‖²: the label enters as a code and has a prototype W Y.

    With the identity as label set, column k of W is what row k of the distance layer is in `nn_rbf`, and the energies
    of all labels are the same; other codes let classes share parts of their prototypes. Features are computed once for
    all labels.
    """
    graph = Graph()
    x, y = graph.input("x"), graph.input("y")
    features = graph(Cascade(*_sigmoids(widths)), x, name="features")
    prototype = graph(Linear(n_classes, widths[-1], bias=False), y, name="prototypes")
    graph.output("energy", graph(Euclidean(), features, prototype, name="cost"))
    return graph


def _sigmoids(widths: Sequence[int]) -> list[Module]:
    if len(widths) < 2:
        msg = f"an NN-RBF hybrid needs the features of its input and of at least one layer of sigmoids; got {widths}"
        raise GraphError(msg)
    return [module for pair in pairwise(widths) for module in (Linear(*pair), ScaledTanh())]
