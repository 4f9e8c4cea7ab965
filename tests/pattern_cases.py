"""Energy machines with boxes that depend on chosen inputs, and two oracles: a loop over replicas, and torch.

A pattern is a text of the inputs that a box sees: "" nothing, "x" sample, "y" label, "z" latent value, "xyz" all.
"""

import itertools

import numpy as np

import xpnet as xn
from xpnet.modules import Sum, Trainable

WIDTHS = {"x": 4, "y": 2, "z": 3}
HIDDEN = 3
PATTERNS = ["".join(part) for n in range(4) for part in itertools.combinations("xyz", n)]
WITHOUT_LATENT = ["", "x", "y", "xy"]


def machine(patterns, inputs="xyz"):
    """E = Σ V tanh(Σ_p h_p), h_p = tanh(W_p (w_p | inputs of p) + b_p), w_p a parameter; V sees "w", depends on all."""
    graph = xn.Graph()
    wires = {name: graph.input(name) for name in inputs}
    boxes = []
    for pattern in patterns:
        code = graph(Trainable((2,), lambda generator, shape: generator.normal(size=shape)), name=f"code_{pattern}")
        joined = graph(xn.Concatenate(), code, *(wires[name] for name in pattern))
        linear = xn.Linear(2 + sum(WIDTHS[name] for name in pattern), HIDDEN)
        boxes.append(graph(xn.Tanh(), graph(linear, joined, name=f"linear_{pattern}")))
    mixed = graph(xn.Tanh(), graph(xn.Plus(), *boxes))
    graph.output("energy", graph(Sum(), graph(xn.Linear(HIDDEN, 2), mixed, name="last")))
    return graph


def energies_in_torch(torch, w, patterns, given):
    """The same formula with everything replicated: `given` maps inputs to tensors whose lead axes broadcast.

    w: parameters by name, as in the store.
    """
    total = 0.0
    lead = torch.broadcast_shapes(*(tensor.shape[:-1] for tensor in given.values()))
    for pattern in patterns:
        parts = [w[f"code_{pattern}.value"], *(given[name] for name in pattern)]
        joined = torch.cat([part.expand(*lead, part.shape[-1]) for part in parts], dim=-1)
        total = total + torch.tanh(joined @ w[f"linear_{pattern}.weight"].T + w[f"linear_{pattern}.bias"])
    return (torch.tanh(total) @ w["last.weight"].T + w["last.bias"]).sum(dim=-1)


class Loop:
    """The unfactored machine, replica by replica."""

    def __init__(self, machine, store, x, y, z=None):
        self.machine, self.store, self.inputs = machine, store, (x, y) if z is None else (x, y, z)
        self.n_samples, self.n_labels = len(x), y.shape[-2]
        self.n_latents = 1 if z is None else z.shape[-2]

    def replicas(self):
        return itertools.product(range(self.n_samples), range(self.n_labels), range(self.n_latents))

    def _run(self, b, k, m):
        """The states of one replica; label and latent sets may differ per sample."""
        picked = [self.inputs[0][b]]
        for values, number in zip(self.inputs[1:], (k, m), strict=False):
            picked.append((values if values.ndim == 2 else values[b])[number])
        states = [*(xn.State(value, fixed=True) for value in picked), xn.State()]
        self.machine.fprop(*states)
        return states

    def energies(self):
        """(B, K, M)."""
        found = np.zeros((self.n_samples, self.n_labels, self.n_latents))
        for place in self.replicas():
            found[place] = self._run(*place)[-1].x
        return found

    def gradients(self, weights):
        """Σ over replicas of weights (B, K, M) times dE/dW, by the name of each parameter."""
        for place in self.replicas():
            states = self._run(*place)
            states[-1].accumulate(np.asarray(weights[place]))
            self.machine.bprop(*states)
        found = self.store.gradients()
        self.store.clear()
        return found
