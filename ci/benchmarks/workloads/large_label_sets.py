"""Label sets whose energies are too many to hold: the best of K codes, and a likelihood step on K fixed codes."""

from collections.abc import Iterable
from functools import cache, partial
from typing import Any

import numpy as np

from benchmarks.libraries import Libraries
from benchmarks.timing import Runner
from benchmarks.workload import Answer, Contestant, Entry, Extent, Workload, proved
from benchmarks.workloads import large_label_peers as peers
from benchmarks.workloads.large_label_peers import JAX_TILE, WIDTH, Question
from xpnet.inference.memory import bytes_of, tile_size
from xpnet.training.energy_trainer import MEMORY

HELD, GPU_HELD = 3 << 30, 16 << 30  # bytes: a contestant that would hold more at once is left out


class LargeLabelSets(Workload):
    """The primitives of ops/label_tiles.py, beside the same in torch and JAX, whole and in tiles, and faiss."""

    name = "large_label_sets"
    title = "Label sets up to a million (½‖out - code‖², codes of 84; the step's gradient is that of the outputs)"

    def cases(self, extent: Extent) -> Iterable[Question]:
        """Both kinds of work at three sizes of label set; the best label of one sample too."""
        sizes = (10_000,) if extent.quick else (10_000, 100_000, 1_000_000)
        batches = extent.sizes() if extent.gpu or extent.batches else (256,)
        single = [] if extent.quick or 1 in batches else [Question(1, 100_000, False)]
        several = [Question(batch, labels, False) for batch in batches for labels in sizes]
        learning = [Question(batch, labels, True) for batch in batches for labels in sizes if batch > 1]
        return [*single, *several, *learning]

    def flops(self, case: Question) -> int:
        """Those of the products."""
        return case.flops

    def traffic(self, case: Question) -> int:
        """The codes and the outputs, read."""
        return 4 * (case.labels + case.batch) * WIDTH

    def exact(self, case: Question) -> Answer:
        """In float64, tile by tile."""
        return _exact(case)

    def contestants(self, case: Question, libraries: Libraries) -> Iterable[Contestant]:
        """The public primitive, with and without Numba; every peer whole, where it can be held, and in tiles."""
        for name, backend, captured in libraries.ours():
            if not captured:
                make = partial(_xpnet, case, backend)
                yield _contestant(name, case, make, backend.to_numpy, libraries.wait_for(backend))
        if libraries.backend.name == "numpy":
            make = partial(_numpy_alone, case)
            yield _contestant("xpnet without numba", case, make, np.asarray, libraries.wait_for(libraries.backend))
        held = GPU_HELD if libraries.gpu else HELD
        whole = 4 * case.batch * case.labels * (4 if case.learns else 2) <= held
        if libraries.torch is not None:
            for name, made in [("torch whole", peers.torch_whole)] * whole + [("torch tiles", peers.torch_tiles)]:
                make = partial(made, case, libraries)
                yield _contestant(name, case, make, lambda x: x.detach().cpu().numpy(), libraries.wait_for_torch)
        if libraries.jax is not None:
            jax: Any = libraries.jax
            tile = peers.tile_of(case, JAX_TILE, libraries)
            for name, make in [("jax whole", partial(peers.jax_whole, case, jax))] * whole + [
                ("jax tiles", partial(peers.jax_tiles, case, jax, tile))
            ]:
                yield _contestant(name, case, make, np.asarray, jax.block_until_ready)
        if libraries.faiss is not None and not case.learns:
            yield _contestant(
                "faiss flat", case, partial(peers.faiss_flat, case, libraries.faiss), np.asarray, lambda _: None
            )


def _contestant(name: str, case: Question, make: Any, to_host: Any, wait: Any) -> Contestant:
    """A step returns (energies, labels) or (losses, gradients of the outputs)."""

    def enter() -> Entry:
        step = make()

        def answer() -> Answer:
            rows = proved(case.batch)
            first, second = (to_host(each)[rows] for each in step())
            if case.learns:
                return {"loss": first, "gradient": second}
            chosen = case.codes[second.reshape(-1)].astype(np.float64)
            return {"lowest": first, "energy of the answer": 0.5 * np.sum((case.out[rows] - chosen) ** 2, axis=-1)}

        return Entry(Runner(name, step, wait), answer)

    return Contestant(name, enter)


@cache
def _exact(case: Question) -> Answer:
    rows = proved(case.batch)
    out, lowest = case.out[rows].astype(np.float64), np.full(len(rows), np.inf)
    total, drawn, level = np.zeros(len(rows)), np.zeros((len(rows), WIDTH)), 0.5 * WIDTH
    for start in range(0, case.labels, 10_000):
        codes = case.codes[start : start + 10_000].astype(np.float64)
        energies = 0.5 * (np.vecdot(out, out)[:, None] + np.vecdot(codes, codes)) - out @ codes.T
        lowest = np.minimum(lowest, energies.min(axis=-1))
        weights = np.exp(level - energies)
        total += weights.sum(axis=-1)
        drawn += weights @ codes
    if not case.learns:
        return {"lowest": lowest, "energy of the answer": lowest}
    desired = case.codes[case.desired[rows]].astype(np.float64)
    loss = 0.5 * np.sum((out - desired) ** 2, axis=-1) - level + np.log(total)
    return {"loss": loss, "gradient": drawn / total[:, None] - desired}


def _xpnet(case: Question, backend: Any) -> Any:
    """The primitives with the tile that a trainer would choose."""
    ops, asarray = backend.ops, backend.asarray
    out, codes = asarray(case.out), asarray(case.codes)
    size = tile_size(bytes_of(MEMORY), 32 * case.batch, case.labels)
    if not case.learns:
        return lambda: ops.search_labels(out, codes, "euclidean", None, 1, size)
    return partial(_step, backend.xp, partial(ops.label_logsum, size=size), out, codes, backend.indices(case.desired))


def _numpy_alone(case: Question) -> Any:
    from xpnet_numpy import label_tiles

    out, codes = case.out, case.codes
    if not case.learns:
        return lambda: label_tiles.search(out, codes, "euclidean", None, 1, case.labels)
    return partial(_step, np, partial(label_tiles.logsum, size=case.labels), out, codes, case.desired)


def _step(xp: Any, logsum: Any, out: Any, codes: Any, desired: Any) -> Any:
    """The desired label's energy less the free energy, and the gradient of both with respect to the outputs."""
    code = xp.take(codes, desired, axis=0)
    difference = out - code
    f, slope = logsum(out, codes, "euclidean", None, 1.0)
    return 0.5 * xp.vecdot(difference, difference) - f, difference - slope
