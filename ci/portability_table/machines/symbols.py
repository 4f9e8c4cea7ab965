"""Tables of which a step touches few rows."""

from typing import Any

import xpnet as xn
from portability_table.course import Course
from portability_table.material import minibatches, pairs_of_letters
from portability_table.places import Home

BATCH, PROBE = 32, 8


def sparse_table(home: Home) -> Course:
    """A vector for each pair of letters, and from it the energies of what may follow."""
    machine = xn.Cascade(xn.Lookup(27 * 27, 24, sparse=True), xn.Tanh(), xn.Linear(24, 27))
    trainer = xn.Trainer(machine, None, home.store(machine))
    of = minibatches(pairs_of_letters(), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, label = of(update)
        return {"sample": sample, "label": label, "learning_rate": 0.5, "inertia": 0.5, "weight_decay": 1e-4}

    return Course(trainer, step, machine, (pairs_of_letters()[0][:PROBE],))
