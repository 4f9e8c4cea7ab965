"""MNIST with codes that look like digits: 84 outputs, a picture of 7x12 pixels, compared with ten drawn ones.

    python examples/mnist_bitmaps.py                      # 784-300-84, MAP/MLE loss with junk: errors, pictures
    python examples/mnist_bitmaps.py --machine lenet5     # minutes in place of seconds
    python examples/mnist_bitmaps.py --loss mse           # pull towards the desired code, push nothing away
    python examples/mnist_bitmaps.py --junk none          # MAP/MLE loss without the constant
    python examples/mnist_bitmaps.py --limit 2000         # a taste
    python examples/mnist_bitmaps.py --validate           # judged by the last 10000 images of the training part

Energies are those of LeNet-5's last layer (LeCun, Bottou, Bengio and Haffner 1998), half the squared distances to fixed
codes of -1 and +1. Its loss (their equation 9) is the MAP/MLE loss with a constant j among the energies, a junk
category: once a wrong digit's energy is far above j, it is not pushed up any further, and to have a low loss the right
one must be below j. The drawings are this file's own. The data are read from XPNET_DATA/mnist.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import xpnet as xn
from xpnet.cli.terminal import terminal
from xpnet.data.dataset import Dataset
from xpnet.data.mnist import NAMES, load_mnist
from xpnet.data.scaling import Scaling, fit_scaling
from xpnet.losses import EnergyLoss, NegativeLogLikelihood
from xpnet.machines.lenet import lenet5
from xpnet.modules import Pad, Reshape
from xpnet.report.meter_tables import operating_table
from xpnet.report.meters import error_reject
from xpnet.report.pictures import new_figure
from xpnet.report.tables import confusion_table, plain_table
from xpnet.streams import stream

HEIGHT, WIDTH = 12, 7
DRAWN = """
..###.. ...##.. ..####. ####### ....##.
.##.##. ..###.. .##..## .....## ...###.
##...## .####.. ##...## ....##. ..####.
##...## ...##.. .....## ...##.. .##.##.
##...## ...##.. .....## ..####. ##..##.
##...## ...##.. ....##. .....## ##..##.
##...## ...##.. ...##.. .....## #######
##...## ...##.. ..##... .....## #######
##...## ...##.. .##.... .....## ....##.
##...## ...##.. ##..... ##...## ....##.
.##.##. ...##.. ##..... .##.##. ....##.
..###.. .###### ####### ..###.. ....##.

####### ...###. ####### ..###.. ..###..
##..... ..##... .....## .##.##. .##.##.
##..... .##.... .....## ##...## ##...##
##..... ##..... ....##. ##...## ##...##
##.###. ##..... ....##. .##.##. ##...##
###..## ##.###. ...##.. ..###.. ##..###
.....## ###..## ...##.. .##.##. .###.##
.....## ##...## ..##... ##...## .....##
.....## ##...## ..##... ##...## .....##
##...## ##...## .##.... ##...## ....##.
.##.##. .##.##. .##.... .##.##. ...##..
..###.. ..###.. .##.... ..###.. .###...
"""
RATES = {("300", "map"): 0.02, ("300", "mse"): 0.02, ("lenet5", "map"): 0.05, ("lenet5", "mse"): 0.02}


def codes() -> np.ndarray:
    """The ten drawings as vectors (10, 84) of +1 for "#" and -1."""
    bands = [band.split() for band in DRAWN.strip().split("\n\n")]
    digits = [band[start::5] for band in bands for start in range(5)]
    return np.asarray([[1.0 if pixel == "#" else -1.0 for pixel in "".join(rows)] for rows in digits], np.float32)


def machine_of(name: str) -> xn.Cascade:
    """Vectors of 784 pixels to 84 outputs between -1.7 and 1.7, where -1 and +1 are steep enough to be learned."""
    if name == "lenet5":
        return xn.Cascade(Reshape((784,), (28, 28, 1)), Pad([(2, 2), (2, 2)]), lenet5())
    return xn.Cascade(xn.Linear(784, 300), xn.ScaledTanh(), xn.Linear(300, HEIGHT * WIDTH), xn.ScaledTanh())


def learn(trainer: xn.Trainer, data: Dataset, arguments: argparse.Namespace) -> float:
    """All epochs; returns the seconds that they took."""
    label_set, begun = codes(), time.perf_counter()
    start = arguments.learning_rate or RATES[arguments.machine, arguments.loss]
    with progress_bar() as bar:
        task = bar.add_task("", total=arguments.epochs * len(data), numbers="")
        for epoch in range(arguments.epochs):
            order = stream(arguments.seed, "order", epoch).permutation(len(data))
            rule = {"learning_rate": start / (1 + 0.3 * epoch), "inertia": 0.9, "weight_decay": arguments.weight_decay}
            for part in np.split(order, range(arguments.batch, len(data), arguments.batch)):
                loss = trainer.learn_sample(data.samples[part], data.labels[part], label_set, rule)
                bar.update(task, advance=len(part), numbers=f"epoch {epoch + 1}, loss {float(loss):.3f}")
    return time.perf_counter() - begun


def progress_bar() -> Progress:
    """Shown on terminals only, and on standard error."""
    console = Console(stderr=True)
    columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[numbers]}"), TimeRemainingColumn()
    return Progress(*columns, console=console, disable=not console.is_terminal)


@dataclass(frozen=True)
class Judged:
    """For N samples: the two best digits (N, 2), the lowest energy and the margin (N,), and which digit it is (N,)."""

    best: np.ndarray
    energy: np.ndarray
    margin: np.ndarray
    desired: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        """Which answers are."""
        return self.best[:, 0] != self.desired

    @property
    def confusion(self) -> np.ndarray:
        """Counts (desired, answered)."""
        return np.bincount(10 * self.desired + self.best[:, 0], minlength=100).reshape(10, 10)


def judge(trainer: xn.Trainer, data: Dataset, size: int = 500) -> Judged:
    """What the machine answers, junk left aside: there are ten answers, and a digit is refused afterwards or not."""
    answering, host = xn.Trainer(trainer.machine, xn.Euclidean(), trainer.param), trainer.param.backend.to_numpy
    parts = [answering.answer(data.samples[k : k + size], codes(), top=2) for k in range(0, len(data), size)]
    found = [[host(part.top), host(part.energy), host(part.margin)] for part in parts]
    return Judged(*(np.concatenate(each) for each in zip(*found, strict=True)), data.labels)


def outputs(trainer: xn.Trainer, samples: np.ndarray) -> np.ndarray:
    """The pictures (N, 12, 7) that the machine makes of samples."""
    output, backend = xn.State(), trainer.param.backend
    trainer.machine.fprop(xn.State(backend.asarray(samples), fixed=True), output)
    return backend.to_numpy(output.x).reshape(-1, HEIGHT, WIDTH)


def neighbours(judged: Judged) -> tuple[object, str]:
    """For each digit the nearest codes, the most frequent second best and wrong answers; and how often they agree."""
    pixels = (codes()[:, None] != codes()).sum(axis=-1)
    np.fill_diagonal(pixels, HEIGHT * WIDTH)
    right, table = ~judged.wrong, plain_table("digit", "nearest codes (pixels)", "second best", "wrong answers")
    for digit in range(10):
        mine = judged.desired == digit
        near = ", ".join(f"{k} ({pixels[digit, k]})" for k in np.argsort(pixels[digit], kind="stable")[:2])
        second, wrong = judged.best[mine & right, 1], judged.best[mine & ~right, 0]
        table.add_row(str(digit), near, frequent(second), frequent(wrong))
    nearest = pixels[judged.desired, judged.best[:, 1]] == pixels[judged.desired].min(axis=1)
    share = 100 * nearest[right].mean() if right.any() else 0.0
    return table, f"second best is a digit whose code is nearest to that of the right answer: {share:.0f} %"


def frequent(digits: np.ndarray, most: int = 2) -> str:
    """The most frequent ones, with their counts."""
    counts = np.bincount(digits, minlength=10)
    return ", ".join(f"{k} ({counts[k]})" for k in np.argsort(-counts, kind="stable")[:most] if counts[k])


def shown(picture: np.ndarray, low: float, high: float) -> list[str]:
    """A picture in characters, two wide for each pixel."""
    level = np.clip((picture - low) / (high - low), 0, 0.999)
    return ["".join(2 * " ░▒▓█"[int(5 * value)] for value in row) for row in level]


def examples(images: np.ndarray, made: np.ndarray, judged: Judged, ids: np.ndarray) -> str:
    """For each of these samples: the image at half its size, the machine's output, the nearest code."""
    blocks = []
    for image, output, k in zip(images, made, ids, strict=True):
        best, second = judged.best[k]
        margin = f"{second} has {judged.margin[k]:.1f} more"
        title = f"a {judged.desired[k]}: {best} with energy {judged.energy[k]:.1f}, {margin}"
        halved = image.reshape(14, 2, 14, 2).mean(axis=(1, 3))
        code = codes()[best].reshape(HEIGHT, WIDTH)
        columns = shown(halved[1:-1], 0, 1), shown(output, -1.2, 1.2), shown(code, -1, 1)
        blocks.append("\n".join([title, *("  |  ".join(row).rstrip() for row in zip(*columns, strict=True))]))
    return "\n\n".join(blocks)


def draw(path: Path, images: np.ndarray, made: np.ndarray, judged: Judged, ids: np.ndarray) -> None:
    """Image, output and nearest code of each sample one below the other, as a PNG; ImportError without matplotlib."""
    figure = new_figure(1.1 * len(ids), 5.0, "image, output, nearest code")
    grid = figure.subplots(3, len(ids), squeeze=False)
    for column, image, output, k in zip(grid.T, images, made, ids, strict=True):
        best = judged.best[k, 0]
        pictures = (image, 0, 1), (output, -1.2, 1.2), (codes()[best].reshape(HEIGHT, WIDTH), -1.2, 1.2)
        for axes, (picture, low, high) in zip(column, pictures, strict=True):
            axes.imshow(picture, cmap="gray_r", vmin=low, vmax=high)
            axes.set_axis_off()
        column[0].set_title(f"{judged.desired[k]} → {best}", color="tab:red" if judged.wrong[k] else "black")
    figure.savefig(path)


def report(console: Console, judged: Judged, junk: xn.Junk | None) -> None:
    """What doubt is worth, which digits are taken for which, and whether near codes are near answers."""
    confidences = {"margin": judged.margin, "energy": -judged.energy}
    console.print(operating_table({name: error_reject(each, judged.wrong) for name, each in confidences.items()}))
    if junk is not None:
        kept = judged.energy <= junk.start
        wrong = f"{int((judged.wrong & kept).sum())} of the other {int(kept.sum())} answers are wrong"
        console.print(f"junk at {junk.start:g} refuses {100 * (1 - kept.mean()):.2f} %; {wrong}\n")
    console.print(confusion_table(judged.confusion, NAMES))
    table, agreement = neighbours(judged)
    console.print(table)
    console.print(agreement)


def show(
    console: Console, trainer: xn.Trainer, data: Dataset, scaled: Scaling, judged: Judged, count: int, picture: str
) -> None:
    """The first right and the first wrong answers: some in characters, ten as a picture."""
    for many, to_file in ((count, False), (10 if picture else 0, True)):
        right, wrong = np.flatnonzero(~judged.wrong), np.flatnonzero(judged.wrong)
        ids = np.concatenate([right[: many - many // 2], wrong[: many // 2]])
        images, made = data.samples[ids].reshape(-1, 28, 28), outputs(trainer, scaled(data.samples[ids]))
        if not to_file and many:
            console.print("\n" + examples(images, made, judged, ids))
        elif many:
            try:
                draw(Path(picture), images, made, judged, ids)
            except ImportError as error:
                console.print(f"\nno {picture}: {error}")


def asked_for() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--machine", choices=("300", "lenet5"), default="300", help="300: 784-300-84")
    parser.add_argument("--loss", choices=("map", "mse"), default="map")
    parser.add_argument("--junk", default="10", help='the constant j of the MAP/MLE loss, or "none"')
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, help="in place of that which was chosen")
    parser.add_argument("--weight-decay", type=float, default=0.0001)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="take so many of the first images of each part only")
    parser.add_argument("--validate", action="store_true", help="judge by the last sixth of the training part")
    parser.add_argument("--show", type=int, default=4, help="how many images to show, half of them wrongly answered")
    parser.add_argument("--picture", default="mnist_bitmaps.png", help="where to draw ten of them; empty for nowhere")
    return parser.parse_args()


def parts_of(arguments: argparse.Namespace) -> tuple[Dataset, Dataset]:
    """What is learned from, and what the machine is judged by."""
    parts = load_mnist(limit=arguments.limit)
    if not arguments.validate:
        return parts.training, parts.held_out
    ids = np.arange(len(parts.training))
    fold = 5 * len(ids) // 6
    return parts.training.take(ids[:fold]), parts.training.take(ids[fold:])


def main() -> None:
    arguments, console = asked_for(), terminal()
    training, test = parts_of(arguments)
    scaled = fit_scaling("center", training.samples)
    junk = None if arguments.loss == "mse" or arguments.junk == "none" else xn.Junk(float(arguments.junk))
    machine = machine_of(arguments.machine)
    store = xn.ParameterStore(machine, xn.get_backend(), arguments.seed)
    loss = EnergyLoss() if arguments.loss == "mse" else NegativeLogLikelihood()
    trainer = xn.Trainer(machine, xn.Euclidean(), store, loss, junk)
    seconds = learn(trainer, Dataset(scaled(training.samples), training.labels, NAMES), arguments)
    parts = {"training": training, "validation" if arguments.validate else "test": test}
    judged = {name: judge(trainer, Dataset(scaled(part.samples), part.labels, NAMES)) for name, part in parts.items()}
    errors = ", ".join(f"{name} error {100 * part.wrong.mean():.2f} %" for name, part in judged.items())
    console.print(f"{errors}; {store.size} parameters, {arguments.epochs} epochs in {seconds:.0f} s\n")
    last = judged[list(parts)[-1]]
    report(console, last, junk)
    show(console, trainer, test, scaled, last, arguments.show, arguments.picture)


if __name__ == "__main__":
    main()
