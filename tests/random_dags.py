"""Random energy machines as plain lists of steps, so that xpnet, torch and JAX can each build them in their own way.

A step is (operation, input wires, detail). Wires 0 and 1 are x and y, vectors of WIDTH; every other wire is the output
of one step. All scalars are summed into the energy of each sample of the batch.
"""

from dataclasses import dataclass, field

import numpy as np

WIDTH, BATCH = 3, 2
BETAS = (1.0, -0.7, 2.0)


@dataclass
class Dag:
    """Steps, and the widths of their wires (0 for a scalar)."""

    steps: list = field(default_factory=list)
    widths: list = field(default_factory=lambda: [WIDTH, WIDTH])
    linears: list = field(default_factory=list)  # (in, out) of each distinct pair of weight and bias

    def add(self, operation, inputs, width, detail=None):
        self.steps.append((operation, inputs, detail))
        self.widths.append(width)
        return len(self.widths) - 1


def random_dag(rng):
    """Three to ten random steps, then every wire that nobody read made part of the energy."""
    dag = Dag()
    for _ in range(rng.integers(3, 11)):
        _add_random_step(dag, rng)
    read = {wire for _, inputs, _ in dag.steps for wire in inputs}
    for wire in [wire for wire, width in enumerate(dag.widths) if width and wire not in read]:
        dag.add("logsum", (wire,), 0, float(rng.choice(BETAS)))
    dag.add("plus", tuple(wire for wire, width in enumerate(dag.widths) if not width), 0)
    return dag


def _add_random_step(dag, rng):
    vectors = [wire for wire, width in enumerate(dag.widths) if width]
    wire = int(rng.choice(vectors))
    width, partners = dag.widths[wire], [w for w in vectors if dag.widths[w] == dag.widths[wire]]
    partner = int(rng.choice(partners))
    match rng.choice(["linear", "linear", "linear", "tanh", "plus", "branch", "concatenate", "softmax", "energy"]):
        case "linear":
            known = [k for k, (inside, _) in enumerate(dag.linears) if inside == width]
            if not known or rng.random() < 0.6:  # else share the weights of an earlier one
                dag.linears.append((width, int(rng.integers(1, 5))))
                known = [len(dag.linears) - 1]
            chosen = int(rng.choice(known))
            dag.add("linear", (wire,), dag.linears[chosen][1], chosen)
        case "tanh":
            dag.add("tanh", (wire,), width)
        case "plus":
            dag.add("plus", (wire, partner), width)
        case "branch":
            dag.add("plus", (wire, wire), width, "branch")
        case "concatenate" if width < 6:
            other = int(rng.choice(vectors))
            dag.add("concatenate", (wire, other), width + dag.widths[other])
        case "softmax":
            dag.add("softmax", (wire,), width, float(rng.choice(BETAS)))
        case _:
            dag.add("euclidean", (wire, partner), 0)


def values(dag, rng):
    """x, y and the parameters (weight, bias) of each distinct linear module, float64 on the host."""
    ends = [rng.normal(size=(BATCH, WIDTH)) for _ in range(2)]
    return ends, [(rng.normal(size=(out, inside)), rng.normal(size=out)) for inside, out in dag.linears]


def energy(lib, dag, ends, parameters):
    """The energy of the batch by plain formulas of an autograd library, whose words differ little."""
    wires = list(ends)
    for operation, inputs, detail in dag.steps:
        given = [wires[k] for k in inputs]
        match operation:
            case "linear":
                weight, bias = parameters[detail]
                wires.append(given[0] @ weight.T + bias)
            case "tanh":
                wires.append(lib.tanh(given[0]))
            case "plus":
                wires.append(sum(given))
            case "concatenate":
                wires.append(lib.concatenate(given, -1))
            case "softmax":
                weights = lib.exp(-detail * given[0])
                wires.append(weights / weights.sum(-1)[..., None])
            case "logsum":
                wires.append(-lib.log(lib.exp(-detail * given[0]).sum(-1)) / detail)
            case "euclidean":
                wires.append(0.5 * ((given[0] - given[1]) ** 2).sum(-1))
    return wires[-1].sum()


def relative_error(got, wanted):
    scale = max(np.max(np.abs(wanted), initial=0.0), 1.0)
    return float(np.max(np.abs(np.asarray(got) - np.asarray(wanted)), initial=0.0)) / scale
