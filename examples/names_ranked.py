"""Which of 29494 names was meant? Names typed badly, and all names ranked by energy.

    python examples/names_ranked.py                  # learns, then a table beside two classic methods, and some answers
    python examples/names_ranked.py --ask jonahtan --ask elisabth
    python examples/names_ranked.py --free-codes     # one more row: codes that learn in place of a label encoder
    python examples/names_ranked.py --quick          # a few seconds, for a look
    python examples/names_ranked.py --split 1        # other names are new, other noise: for choosing hyper-parameters

Typing errors are those of mistyping.py: neighbouring keys, letters forgotten, added or exchanged. The machine is
E(X, Y) = ½ ‖f(X) - f(Y)‖² with one convolutional encoder f for what was typed and for the names, learned by the
likelihood against a random part of the label set. A tenth of the names is new: the machine meets them neither typed nor
as labels before it is judged. The data are read from XPNET_DATA/names.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from mistyping import typed
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import xpnet as xn
from xpnet.data.names import LETTERS, load_names, read_out, spelled
from xpnet.modules import AveragePooling, Pad, Reshape
from xpnet.parameters.initializers import fan_in_normal
from xpnet.streams import stream

WIDTH, MAPS, CODE = 16, 32, 64  # letters of what is typed, feature maps, components of a code
TOP = 5


def one_hot(letters: np.ndarray) -> np.ndarray:
    """(N, WIDTH, 26) of zeros and ones; nothing is all zeros."""
    return (letters[..., None] == np.arange(1, LETTERS + 1)).astype(np.float32)


def encoder() -> xn.Cascade:
    """Letters to a code: windows of three letters, averaged over two places so that a shift by one does little harm."""
    places = WIDTH + 1  # WIDTH + 4 of border, less 2 by the window and 1 by the average
    return xn.Cascade(
        Pad([(2, 2)]),
        xn.Convolution(LETTERS, MAPS, kernel=3),
        xn.Tanh(),
        AveragePooling((2,), stride=(1,)),
        Reshape((places, MAPS), (places * MAPS,)),
        xn.Linear(places * MAPS, CODE),
    )


def joint_machine(code: xn.Cascade) -> xn.Graph:
    """E(X, Y) = ½ ‖f(X) - f(Y)‖²: the same encoder stands in two places."""
    graph = xn.Graph()
    query, name = graph.input("typed"), graph.input("name")
    graph.output(
        "energy",
        graph(xn.Euclidean(), graph(code, query, name="query code"), graph(code, name, name="name code")),
    )
    return graph


def learn(trainer: xn.Trainer, letters: np.ndarray, known: np.ndarray, arguments: argparse.Namespace) -> float:
    """Learns to tell the known names (numbers into `letters`) apart; returns the seconds that it took."""
    random = stream(arguments.seed, "typed while learning")
    negatives = xn.SampledNegatives(arguments.negatives, seed=arguments.seed)
    free, begun, mean = trainer.labels is not None, time.perf_counter(), 0.0
    names = None if free else one_hot(letters[known])
    with progress_bar() as bar:
        task = bar.add_task("learning", total=arguments.steps, numbers="")
        for step in range(arguments.steps):
            label = random.integers(len(known), size=arguments.batch)
            sample = one_hot(typed(letters[known[label]], arguments.noise, random))
            rule = {"learning_rate": arguments.learning_rate / (1 + 4 * step / arguments.steps), "inertia": 0.9}
            desired = known[label] if free else label  # free codes stand there for all names
            loss = float(trainer.learn_sample(sample, desired, names, rule, negatives=negatives))
            mean = loss if step == 0 else 0.95 * mean + 0.05 * loss
            bar.update(task, advance=1, numbers=f"loss {mean:.3f}")
    return time.perf_counter() - begun


def progress_bar() -> Progress:
    """Shown on terminals only, and on standard error."""
    console = Console(stderr=True)
    columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[numbers]}"), TimeRemainingColumn()
    return Progress(*columns, console=console, disable=not console.is_terminal)


@dataclass(frozen=True)
class Ranker:
    """energies: what was typed (B, WIDTH) to a number for each name (B, K), low for good. best: to five names."""

    energies: Callable[[np.ndarray], np.ndarray]
    best: Callable[[np.ndarray], object]


def by_codes(trainer: xn.Trainer, codes: np.ndarray) -> Ranker:
    """The energies of codes that stand ready: the label's part of the machine has run for every name once."""
    host = trainer.param.backend.to_numpy
    return Ranker(
        lambda query: host(trainer.run(one_hot(query), codes)[1]),
        lambda query: trainer.answer(one_hot(query), codes, top=TOP),
    )


def codes_of(code: xn.Cascade, letters: np.ndarray) -> np.ndarray:
    """What the encoder makes of all names."""
    output = xn.State()
    code.fprop(xn.State(code.backend.asarray(one_hot(letters)), fixed=True), output)
    return output.x


def by_edits(letters: np.ndarray) -> Ranker:
    """The least number of substitutions, deletions, insertions and exchanges of neighbours (no letter edited twice)."""
    places, lengths = np.ascontiguousarray(letters.T), (letters > 0).sum(axis=1)

    def distances(query: np.ndarray) -> np.ndarray:
        return np.stack([edits(row[row > 0], places)[lengths, np.arange(len(lengths))] for row in query])

    return Ranker(distances, lambda query: five_lowest(distances(query)))


def edits(query: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Distances (WIDTH + 1, K) of the query to the first 0, 1, … letters of each name; names are columns."""
    width, count = names.shape
    before = last = np.repeat(np.arange(width + 1, dtype=np.uint8)[:, None], count, axis=1)
    for place, letter in enumerate(query):
        row = np.empty_like(last)
        row[0] = place + 1
        np.minimum(last[1:] + 1, last[:-1] + (names != letter), out=row[1:])
        if place:
            exchanged = (names[:-1] == letter) & (names[1:] == query[place - 1])
            np.minimum(row[2:], before[:-2] + 1, out=row[2:], where=exchanged)
        for j in range(width):
            np.minimum(row[j + 1], row[j] + 1, out=row[j + 1])
        before, last = last, row
    return last


def by_grams(letters: np.ndarray) -> Ranker:
    """Minus the cosine of the counts of letters and of pairs of letters, the ends included."""
    names = grams(letters)

    def energies(query: np.ndarray) -> np.ndarray:
        return np.round(-grams(query) @ names.T, 5)  # rounding makes ties of what differs by rounding only

    return Ranker(energies, lambda query: five_lowest(energies(query)))


def grams(letters: np.ndarray) -> np.ndarray:
    """Unit vectors (N, 27² + 27) of counts."""
    rows, base = np.arange(len(letters)), LETTERS + 1
    counts = np.zeros((len(letters), base**2 + base), np.float32)
    inside = np.pad(letters, [(0, 0), (1, 1)]).astype(int)
    for first, second in zip(inside.T[:-1], inside.T[1:], strict=True):
        counts[rows, first * base + second] += first + second > 0
        counts[rows, base**2 + second] += second > 0
    return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def five_lowest(energies: np.ndarray) -> np.ndarray:
    """In any order."""
    return np.argpartition(energies, TOP, axis=1)[:, :TOP]


def score(ranker: Ranker, queries: np.ndarray, desired: np.ndarray, size: int = 250) -> np.ndarray:
    """Percent right as best and among the best five, and the mean reciprocal rank; ties in random order."""
    found = []
    for start in range(0, len(queries), size):
        energies = ranker.energies(queries[start : start + size])
        own = np.take_along_axis(energies, desired[start : start + size, None], axis=1)
        better, ties = (energies < own).sum(axis=1), (energies == own).sum(axis=1)
        within = [100 * np.clip((k - better) / ties, 0, 1) for k in (1, TOP)]
        ranks = [np.mean(1 / np.arange(b + 1, b + t + 1)) for b, t in zip(better, ties, strict=True)]
        found.append(np.column_stack([*within, ranks]))
    return np.concatenate(found).mean(axis=0)


def milliseconds(ranker: Ranker, queries: np.ndarray, size: int, repeats: int) -> float:
    """The median time of one query for the five best, in batches of this size."""
    taken = []
    for k in range(repeats):
        batch = queries[(np.arange(size) + k * size) % len(queries)]
        begun = time.perf_counter()
        ranker.best(batch)
        taken.append((time.perf_counter() - begun) / size)
    return 1000 * float(np.median(taken))


def report(rankers: dict[str, Ranker], parts: dict[str, tuple[np.ndarray, np.ndarray]], repeats: int) -> str:
    """Each method on each part, and its time for a query alone and in batches of 256."""
    heads = "ranked by", *(f"{part}: best, among {TOP}, MRR" for part in parts), "ms alone", "ms in 256"
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, ranker in rankers.items():
        scores = [score(ranker, *part) for part in parts.values()]
        cells = [f"{best:.1f} %, {few:.1f} %, {mrr:.3f}" for best, few, mrr in scores]
        queries = next(iter(parts.values()))[0]
        times = [f"{milliseconds(ranker, queries, *how):.2f}" for how in ((1, 10 * repeats), (256, repeats))]
        lines.append(f"| {' | '.join([name, *cells, *times])} |")
    return "\n".join(lines)


def answers(trainer: xn.Trainer, codes: np.ndarray, names: tuple[str, ...], queries: np.ndarray) -> str:
    """What was typed, and the best names with their energies and probabilities."""
    found, host = trainer.answer(one_hot(queries), codes, top=TOP), trainer.param.backend.to_numpy
    best, energies, chances = (host(each) for each in (found.top, found.top_energies, found.probabilities))
    return "\n".join(
        f"{query:{WIDTH}} " + ", ".join(f"{names[k]} {e:.1f} ({100 * p:.0f} %)" for k, e, p in zip(*rows, strict=True))
        for query, *rows in zip(read_out(queries), best, energies, chances, strict=True)
    )


def asked_for() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--negatives", type=int, default=3000, help="names that compete in each step")
    parser.add_argument("--learning-rate", type=float, default=4.0)
    parser.add_argument("--noise", type=float, default=0.15, help="how often a letter is typed badly")
    parser.add_argument("--queries", type=int, default=1000, help="how many to be judged by, of each part")
    parser.add_argument("--seed", type=int, default=0, help="of first weights and of what is learned from")
    parser.add_argument("--split", type=int, default=0, help="which names are new, and the noise to be judged by")
    parser.add_argument("--ask", action="append", default=[], metavar="TEXT", help="rank the names for this text, too")
    parser.add_argument("--free-codes", action="store_true", help="also learn a code for each name")
    parser.add_argument("--quick", action="store_true", help="learn for a few seconds only")
    arguments = parser.parse_args()
    if not 0 < arguments.noise <= 1:
        parser.error(f"--noise is a share of letters, above 0 and at most 1; got {arguments.noise}")
    if arguments.quick:
        arguments.steps, arguments.queries, arguments.negatives = 100, 100, 1000
    return arguments


def main() -> None:
    arguments, names = asked_for(), load_names()
    asked, letters, random = spelled(arguments.ask, WIDTH), spelled(names, WIDTH), stream(arguments.split, "names")
    new, known = np.split(random.permutation(len(names)), [len(names) // 10])
    chosen = {"known names": known[: arguments.queries], "new names": new[: arguments.queries]}
    parts = {part: (typed(letters[ids], arguments.noise, random), ids) for part, ids in chosen.items()}

    code = encoder()
    graph = joint_machine(code)
    joint = xn.Trainer(graph, param=xn.ParameterStore(graph, xn.get_backend(), arguments.seed))
    print(f"{joint.explain()}\n")
    seconds = learn(joint, letters, known, arguments)
    typings = arguments.steps * arguments.batch
    print(f"{len(known)} names learned from {typings} ways to type them, in {seconds:.0f} s\n")
    trainer, codes = xn.Trainer(code, xn.Euclidean(), param=joint.param), codes_of(code, letters)
    rankers = {"energy": by_codes(trainer, codes)}
    if arguments.free_codes:
        rankers["energy, free codes"] = free_codes(letters, known, arguments)
    rankers |= {"edit distance": by_edits(letters), "cosine of letters and pairs": by_grams(letters)}
    print(report(rankers, parts, 1 if arguments.quick else 5))
    print(f"\nenergies of the best {TOP}, and P:")
    print(answers(trainer, codes, names, np.concatenate([asked, parts["new names"][0][:TOP]])))


def free_codes(letters: np.ndarray, known: np.ndarray, arguments: argparse.Namespace) -> Ranker:
    """The same encoder for what is typed, and for each name a code that learns; as many typed names in more steps."""
    code, table = encoder(), xn.Trainable((len(letters), CODE), fan_in_normal(CODE), sparse=True)
    trainer = xn.Trainer(code, xn.Euclidean(), labels=table)
    # A code moves when its name was typed, by the rate over the batch: small batches let it move far enough.
    steps, batch, negatives = 4 * arguments.steps, arguments.batch // 4, arguments.negatives // 3
    learn(
        trainer,
        letters,
        known,
        argparse.Namespace(**vars(arguments) | {"steps": steps, "batch": batch, "negatives": negatives}),
    )
    return by_codes(xn.Trainer(code, xn.Euclidean(), trainer.param), table.value.x)


if __name__ == "__main__":
    main()
