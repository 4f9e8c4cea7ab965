"""Random energy machines as plain lists of steps, so that xpnet, torch and JAX can each build them in their own way.

A step is (operation, input wires, detail). Wires 0, 1 and 2 are x (samples), y (the label set) and s (sequences, one
for each sample); every other wire is the output of one step. Samples and sequences have a label axis of one, labels no
sample axis: what reads both is a replica for each sample and label. All scalars are summed into the energy.
"""

from dataclasses import dataclass, field

import numpy as np

WIDTH, SAMPLES, LABELS, STEPS = 3, 2, 3, 4
BETAS = (1.0, -0.7, 2.0)
OPERATIONS = (
    "linear", "linear", "linear", "tanh", "plus", "times", "branch", "concatenate", "softmax", "switch", "select",
    "recurrent", "recurrent", "states", "convolution", "euclidean", "logsum", "min", "trellis",
)  # fmt: skip
RECURRENCES = ("machine", "hoisted", "graph", "unfolded")  # the same cell in four guises


@dataclass
class Dag:
    """Steps, and the wires they make."""

    steps: list = field(default_factory=list)
    # Of each wire: ("vector", width), ("sequence", length, width) or ("energy",).
    kinds: list = field(default_factory=lambda: [("vector", WIDTH), ("vector", WIDTH), ("sequence", STEPS, 2)])
    groups: list = field(default_factory=list)  # (kind, *sizes) of each distinct set of parameters

    def add(self, operation, inputs, kind, detail=None):
        self.steps.append((operation, inputs, detail))
        self.kinds.append(kind)
        return len(self.kinds) - 1

    def of_kind(self, *start):
        return [wire for wire, kind in enumerate(self.kinds) if kind[: len(start)] == start]

    def unread(self, start):
        read = {wire for _, inputs, _ in self.steps for wire in inputs}
        return [wire for wire in self.of_kind(start) if wire not in read]

    def group(self, rng, kind, given, made):
        """The number of a set of parameters that takes `given` features: a known one, shared, or one more."""
        known = [k for k, (name, inside, _) in enumerate(self.groups) if (name, inside) == (kind, given)]
        if known and rng.random() < 0.4:
            return int(rng.choice(known))
        self.groups.append((kind, given, made))
        return len(self.groups) - 1

    def parameters_used(self):
        """The numbers of the sets of parameters that some step reads."""
        return sorted({self.group_of(step) for step in self.steps} - {None})

    @staticmethod
    def group_of(step):
        operation, _, detail = step
        if operation in ("linear", "convolution", "trellis"):
            return detail
        return detail[0] if operation in ("recurrent", "states") else None


def random_dag(rng):
    """Three to ten random steps, then every wire that nobody read made part of the energy."""
    dag = Dag()
    for _ in range(rng.integers(3, 11)):
        _add_random_step(dag, rng)
    for wire in dag.unread("sequence"):
        _recurrence(dag, rng, wire, "recurrent")
    for wire in dag.unread("vector"):
        dag.add("logsum", (wire,), ("energy",), float(rng.choice(BETAS)))
    total = dag.add("plus", tuple(dag.of_kind("energy")), ("energy",))
    if (over_labels := rng.choice(["logsum", "min", "all"])) != "all":  # the label axis is what the last box sees
        dag.add(str(over_labels), (total,), ("energy",), float(rng.choice(BETAS)))
    return dag


def _add_random_step(dag, rng):
    wire, sequence = int(rng.choice(dag.of_kind("vector"))), int(rng.choice(dag.of_kind("sequence")))
    kind, energy = dag.kinds[wire], ("energy",)
    width, (_, length, features) = kind[1], dag.kinds[sequence]
    alike = dag.of_kind(*kind)
    partner, beta = int(rng.choice(alike)), float(rng.choice(BETAS))
    match operation := str(rng.choice(OPERATIONS)):
        case "linear":
            group = dag.group(rng, "linear", width, int(rng.integers(1, 5)))
            dag.add("linear", (wire,), ("vector", dag.groups[group][2]), group)
        case "tanh":
            dag.add("tanh", *(((wire,), kind) if rng.random() < 0.7 else ((sequence,), dag.kinds[sequence])))
        case "plus" | "times":
            dag.add(operation, (wire, partner), kind)
        case "branch":
            dag.add("plus", (wire, wire), kind, "branch")
        case "concatenate" if width < 6:
            other = int(rng.choice(dag.of_kind("vector")))
            dag.add("concatenate", (wire, other), ("vector", width + dag.kinds[other][1]))
        case "softmax":
            dag.add("softmax", (wire,), kind, beta)
        case "switch":
            chosen = tuple(int(w) for w in rng.choice(alike, size=rng.integers(1, 4)))
            dag.add("switch", chosen, kind, rng.integers(len(chosen), size=(SAMPLES, 1)).tolist())
        case "select":
            dag.add("select", (wire,), energy, rng.integers(width, size=(SAMPLES, 1)).tolist())
        case "recurrent" | "states":
            _recurrence(dag, rng, sequence, operation)
        case "convolution" if length > 2:
            group = dag.group(rng, "convolution", features, int(rng.integers(1, 4)))
            dag.add("convolution", (sequence,), ("sequence", length - 1, dag.groups[group][2]), group)
        case "trellis":
            dag.add("trellis", (sequence,), energy, dag.group(rng, "trellis", features, 0))
        case "logsum" | "min":
            dag.add(operation, (wire,), energy, beta)
        case _:
            dag.add("euclidean", (wire, partner), energy)


def _recurrence(dag, rng, sequence, operation):
    """The last state of a recurrent machine over a sequence, or all of them; the first is zeros or another wire."""
    _, length, features = dag.kinds[sequence]
    group = dag.group(rng, "cell", features, int(rng.integers(1, 4)))
    width = dag.groups[group][2]
    starts = dag.of_kind("vector", width)
    first = (int(rng.choice(starts)),) if starts and rng.random() < 0.5 else ()
    kind = ("vector", width) if operation == "recurrent" else ("sequence", length, width)
    dag.add(operation, (sequence, *first), kind, (group, str(rng.choice(RECURRENCES))))


def shapes(group):
    """Of the parameters of a group: weight and bias; a cell's matrices for its input and state, and bias."""
    kind, inside, out = group
    return {
        "linear": [(out, inside), (out,)],
        "convolution": [(out, 2, inside), (out,)],
        "cell": [(out, inside), (out,), (out, out)],
        "trellis": [(inside, inside), (inside,)],
    }[kind]


def values(dag, rng):
    """x, y, s and the parameters of each group, float64 on the host."""
    ends = [rng.normal(size=shape) for shape in [(SAMPLES, 1, WIDTH), (LABELS, WIDTH), (SAMPLES, 1, STEPS, 2)]]
    return ends, [[rng.normal(size=shape) for shape in shapes(group)] for group in dag.groups]


def energy(lib, dag, ends, parameters):
    """The energy of all samples and labels by plain formulas of an autograd library, whose words differ little."""
    wires = list(ends)
    for operation, inputs, detail in dag.steps:
        given = [wires[k] for k in inputs]
        first = given[0]
        match operation:
            case "linear":
                weight, bias = parameters[detail]
                wires.append(first @ weight.T + bias)
            case "tanh":
                wires.append(lib.tanh(first))
            case "plus":
                wires.append(sum(given))
            case "times":
                wires.append(first * given[1])
            case "concatenate":
                nothing = sum(0.0 * x[..., :1] for x in given)  # with the lead axes of all of them
                wires.append(lib.concatenate([x + nothing for x in given], -1))
            case "softmax":
                weights = lib.exp(-detail * first - lib.amax(-detail * first, -1)[..., None])
                wires.append(weights / weights.sum(-1)[..., None])
            case "logsum":
                wires.append(_logsum(lib, first, detail))
            case "min":
                wires.append(_lowest(lib, first))
            case "switch":
                chosen = [lib.asarray(np.asarray(detail) == k)[..., None] * x for k, x in enumerate(given)]
                wires.append(sum(chosen))
            case "select":
                chosen = np.asarray(detail)[..., None] == np.arange(first.shape[-1])
                wires.append((lib.asarray(chosen) * first).sum(-1))
            case "convolution":
                weight, bias = parameters[detail]
                wires.append(first[..., :-1, :] @ weight[:, 0].T + first[..., 1:, :] @ weight[:, 1].T + bias)
            case "recurrent" | "states":
                wires.append(_recurred(lib, given, *parameters[detail[0]], every=operation == "states"))
            case "trellis":
                wires.append(_free_energy(lib, first, *parameters[detail]))
            case "euclidean":
                wires.append(0.5 * ((first - given[1]) ** 2).sum(-1))
    return wires[-1].sum()


def _logsum(lib, x, beta):
    top = lib.amax(-beta * x, -1)
    return -(top + lib.log(lib.exp(-beta * x - top[..., None]).sum(-1))) / beta


def _lowest(lib, x):
    """The first of several lowest, so that a tie has one gradient."""
    lowest = x == lib.amin(x, -1)[..., None]
    return lib.where(lowest & (lib.cumsum(lowest, -1) == 1), x, 0.0).sum(-1)


def _recurred(lib, given, inward, bias, around, *, every):
    sequence, *start = given
    z, states = start[0] if start else 0.0 * bias, []
    for t in range(sequence.shape[-2]):
        z = lib.tanh(sequence[..., t, :] @ inward.T + bias + z @ around.T)
        states.append(z)
    return lib.stack(states, -2) if every else z


def _free_energy(lib, emissions, transitions, initial):
    z = initial + emissions[..., 0, :]
    for t in range(1, emissions.shape[-2]):
        z = _logsum(lib, lib.swapaxes(z[..., :, None] + transitions, -1, -2), 1.0) + emissions[..., t, :]
    return _logsum(lib, z, 1.0)


def relative_error(got, wanted):
    scale = max(np.max(np.abs(wanted), initial=0.0), 1.0)
    return float(np.max(np.abs(np.asarray(got) - np.asarray(wanted)), initial=0.0)) / scale
