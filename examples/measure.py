"""Recipes on real data, each with several seeds, beside what others have published.

    python examples/measure.py vowels               # one application
    python examples/measure.py splice --seeds 3     # fewer seeds
    python examples/measure.py mnist --set training.epochs=1

Prints one line for each machine: errors in percent, mean ± standard deviation over seeds. The data are read from the
folder XPNET_DATA. Nothing is chosen here: hyper-parameters stand in the recipes, with the way they were chosen.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xpnet.backend import get_backend
from xpnet.data.answers import Evaluation
from xpnet.training.evaluation import evaluate
from xpnet.training.loop import train
from xpnet.training.recipe_file import read_recipe
from xpnet.training.start import start

EXAMPLES = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Measurement:
    """A recipe with overrides; {seed} in them counts the runs. published: errors in percent, and whose."""

    machine: str
    recipe: str
    published: str
    overrides: tuple[str, ...] = ()
    seeds: int = 10


VOWEL_528 = ("machine.modules.0.n_centres=528", "kmeans.spread=4.0", "training.epochs=64")
HIDDEN = "machine.modules.0.out_features={n}", "machine.modules.2.in_features={n}"
MEASUREMENTS = {
    "vowels": (
        Measurement("528 Gaussians", "vowels", "45 Gaussian nodes, 47 RBF", VOWEL_528),
        Measurement("88 Gaussians", "vowels", "47 Gaussian nodes, 52 RBF"),
        Measurement("88 sigmoids", "vowels-mlp", "49"),
        Measurement("22 sigmoids", "vowels-mlp", "55", tuple(text.format(n=22) for text in HIDDEN)),
        Measurement("11 sigmoids", "vowels-mlp", "56", tuple(text.format(n=11) for text in HIDDEN)),
    ),
    "splice": (
        Measurement("24 sigmoids", "splice", "N 5.3, EI 5.7, IE 10.8", ("data.split_seed={seed}",)),
        Measurement(
            "24 sigmoids, nine tenths to learn from", "splice", "–", ("data.split_seed={seed}", "data.held_out=0.1")
        ),
    ),
    "mnist": (
        Measurement("300 hidden units, squared error", "mnist-300", "4.7", seeds=3),
        Measurement("1000 Gaussians", "mnist-rbf", "3.6", seeds=1),
        Measurement("LeNet-5", "mnist-lenet5", "0.95", seeds=1),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("application", choices=MEASUREMENTS)
    parser.add_argument("--seeds", type=int, help="how many seeds, in place of the usual number")
    parser.add_argument("--only", help="only machines whose name holds this text")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="put into every recipe")
    arguments = parser.parse_args()
    print("| machine | training error | test error | test error by label | published | seeds | seconds each |")
    print("|---|---|---|---|---|---|---|")
    for measurement in MEASUREMENTS[arguments.application]:
        if arguments.only is None or arguments.only in measurement.machine:
            print(measure(measurement, arguments.seeds or measurement.seeds, arguments.set), flush=True)


def measure(measurement: Measurement, seeds: int, overrides: Sequence[str] = ()) -> str:
    """One row of the table."""
    begun = time.perf_counter()
    runs = [learn(measurement, seed, overrides) for seed in range(seeds)]
    seconds = (time.perf_counter() - begun) / seeds
    training, test = ([run[part] for run in runs] for part in ("training", "test"))
    cells = (
        measurement.machine,
        spread([percent(part) for part in training]),
        spread([percent(part) for part in test]),
        by_label(test, runs[0]["names"]),
        measurement.published,
        str(seeds),
        f"{seconds:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def learn(measurement: Measurement, seed: int, overrides: Sequence[str]) -> dict[str, Any]:
    """Both parts judged after the last epoch, and the names of the labels."""
    recipe_overrides = [text.format(seed=seed) for text in measurement.overrides]
    recipe = read_recipe(EXAMPLES / f"{measurement.recipe}.toml", [f"seed={seed}", *recipe_overrides, *overrides])
    session = start(recipe, get_backend())
    train(session)
    assembly, material = session.assembly, session.material
    parts = {"training": evaluate(assembly, material.training), "test": evaluate(assembly, material.held_out)}
    return {**parts, "names": assembly.label_names}


def percent(part: Evaluation) -> float:
    return 100 * part.errors / part.count


def by_label(parts: Sequence[Evaluation], names: Sequence[str], most: int = 3) -> str:
    """The error of each label, where there are few of them."""
    if len(names) > most:
        return ""
    rates = [100 * (1 - np.diag(part.confusion) / part.confusion.sum(axis=1)) for part in parts]
    return ", ".join(f"{name} {spread(rate)}" for name, rate in zip(names, np.transpose(rates), strict=True))


def spread(values: Sequence[float]) -> str:
    """Mean and standard deviation; a single value alone."""
    deviation = f" ± {np.std(values, ddof=1):.2f}" if len(values) > 1 else ""
    return f"{np.mean(values):.2f}{deviation}"


if __name__ == "__main__":
    main()
