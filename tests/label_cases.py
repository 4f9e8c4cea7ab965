"""Machines, label sets and masks for the tests of inference and learning over label sets of any size."""

from dataclasses import dataclass

import numpy as np

import xpnet as xn
from xpnet.losses import LOSSES
from xpnet.modules import InnerProduct, Sum, Trainable

B, K = 6, 23
TILED = 1000  # bytes: a few labels at a time
WHOLE = "1 GiB"


class Gradients:
    """An update that takes down the gradients, and changes nothing."""

    def update(self, store):
        self.found = store.gradients()
        store.clear()

    def compare(self, wanted, tolerance):
        """All gradients relative to the largest number among those wanted."""
        assert self.found.keys() == wanted.keys()
        scale = max(abs(np.asarray(gradient)).max() for gradient in wanted.values())
        for name, gradient in wanted.items():
            error = abs(self.found[name] - gradient).max() / max(scale, 1e-300)
            assert error <= tolerance, f"{name}: relative error {error:.2e} > {tolerance:.2e}"


def joint():
    """E(X, Y) = Σ V tanh(W (tanh(A x) | C y)): samples and labels meet inside."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    encoder, code = graph(xn.Cascade(xn.Linear(5, 7), xn.Tanh()), x), graph(xn.Linear(4, 3), y)
    mixed = graph(xn.Tanh(), graph(xn.Linear(10, 6), graph(xn.Concatenate(), encoder, code)))
    graph.output("energy", graph(Sum(), graph(xn.Linear(6, 2), mixed)))
    return graph


def net():
    return xn.Cascade(xn.Linear(5, 7), xn.Tanh(), xn.Linear(7, 4))


KINDS = {
    "joint": lambda: (joint(), None),
    "euclidean": lambda: (net(), xn.Euclidean()),
    "inner": lambda: (net(), InnerProduct()),
}


def loss_of(name):
    """A loss by name; LVQ2 by default gives up on what starts too wrong."""
    return LOSSES[name](**({"limit": 10.0} if name == "Lvq2Loss" else {}))


def trainer_of(kind, memory=WHOLE, loss=None, *, junk=False, learned=None, sparse=False):
    """A trainer on the backend in force, the same first parameters each time; learned: codes that learn."""
    labels = None
    if learned is not None:
        labels = Trainable(learned.shape, lambda generator, shape: learned.copy(), sparse=sparse)
    made = xn.Junk(0.5, trainable=True) if junk else None
    machine, cost = KINDS[kind]()
    return xn.Trainer(machine, cost, None, loss, made, labels=labels, memory=memory)


@dataclass
class Problem:
    """B samples, K labels in one set `y` or one for each sample `own`, and masks of either kind that spare `label`."""

    x: np.ndarray
    y: np.ndarray
    own: np.ndarray
    label: np.ndarray
    desired: np.ndarray
    mask: np.ndarray
    masks: np.ndarray

    @property
    def settings(self):
        """Label sets with masks that fit them, by name."""
        return {
            "set": (self.y, None),
            "set, mask": (self.y, self.mask),
            "set, masks": (self.y, self.masks),
            "own sets": (self.own, None),
            "own sets, mask": (self.own, self.mask),
            "own sets, masks": (self.own, self.masks),
        }


def problem(rng):
    """Numbers that float32 holds exactly."""
    x, y, own, desired = (
        rng.normal(size=shape).astype(np.float32).astype(np.float64) for shape in ((B, 5), (K, 4), (B, K, 4), (B, 4))
    )
    label = rng.integers(K, size=B)
    masks = rng.random((B, K)) > 0.3
    masks[np.arange(B), label] = True
    mask = np.ones(K, dtype=bool)
    mask[[k for k in range(K) if k not in label][:4]] = False
    return Problem(x, y, own, label, desired, mask, masks)


def one_step(trainer, x, label, y, **options):
    """The loss of one step and the gradients it leaves, and nothing changed: (float, Gradients)."""
    rule = Gradients()
    loss = trainer.learn_sample(x, label, y, rule, **options)
    return float(loss), rule


def same_step(one, other, tolerance=1e-10):
    """Whether two results of `one_step` have the same loss and gradients."""
    (loss, rule), (wanted, gradients) = one, other
    assert abs(loss - wanted) <= tolerance * max(1.0, abs(wanted)), (loss, wanted)
    rule.compare(gradients.found, tolerance)


def twin_of(trainer, kind, **options):
    """A trainer of the same kind and values in float64 on the host, that holds all energies."""
    with xn.use_backend("numpy", dtype="float64"):
        made = trainer_of(kind, **options)
        made.param.load_state_dict({n: v.astype(np.float64) for n, v in trainer.param.state_dict().items()})
    return made
