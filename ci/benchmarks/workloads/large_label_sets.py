"""Label sets whose energies are too many to hold: the best of K codes, and a likelihood step on K fixed codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from benchmarks.libraries import Libraries
from benchmarks.timing import Runner
from benchmarks.workload import Answer, Contestant, Workload

WIDTH = 84
HELD = 3 << 30  # bytes: a contestant that would hold more at once is left out
TORCH_TILE = 2048  # labels: the best of 1024, 2048, 4096 and 8192
JAX_TILE = 2000  # divides all sizes


@dataclass(frozen=True)
class Question:
    """Outputs of a machine for some samples, and a label set."""

    batch: int
    labels: int
    learns: bool

    def __str__(self) -> str:
        return f"{'likelihood step' if self.learns else 'best label'}, batch {self.batch}, K = {self.labels}"

    @property
    def out(self) -> Any:
        """(batch, 84), in (-1, 1)."""
        return np.tanh(np.random.default_rng(self.batch).standard_normal((self.batch, WIDTH), dtype=np.float32))

    @property
    def codes(self) -> Any:
        """(labels, 84), entries ±1: every label a random pattern."""
        return _codes(self.labels)

    @property
    def desired(self) -> Any:
        """(batch,) labels."""
        return np.arange(self.batch) * 7919 % self.labels

    @property
    def flops(self) -> int:
        """Of the products that cannot be avoided: energies, and for a step the mean code."""
        return (4 if self.learns else 2) * self.batch * self.labels * WIDTH


@cache
def _codes(labels: int) -> Any:
    signs = np.random.default_rng(labels).integers(0, 2, (labels, WIDTH), dtype=np.int8)
    return (2 * signs - 1).astype(np.float32)


class LargeLabelSets(Workload):
    """The primitives of ops/label_tiles.py, beside the same in torch and JAX, whole and in tiles, and faiss."""

    name = "large_label_sets"
    title = "Label sets up to a million (½‖out - code‖², codes of 84; the step's gradient is that of the outputs)"

    def cases(self, quick: bool) -> Iterable[Question]:
        """Both kinds of work at three sizes; the best label of one sample too."""
        sizes = (10_000,) if quick else (10_000, 100_000, 1_000_000)
        single = [] if quick else [Question(1, 100_000, False)]
        return [*single, *(Question(256, labels, learns) for learns in (False, True) for labels in sizes)]

    def flops(self, case: Question) -> int:
        """Those of the products."""
        return case.flops

    def exact(self, case: Question) -> Answer:
        """In float64, tile by tile."""
        return _exact(case)

    def contestants(self, case: Question, libraries: Libraries) -> Iterable[Contestant]:
        """The public primitive, with and without Numba; every peer whole, where it can be held, and in tiles."""
        yield _contestant("xpnet", case, _xpnet(case, libraries), libraries.backend.to_numpy, libraries.wait_for_xpnet)
        if libraries.backend.name == "numpy":
            yield _contestant("xpnet without numba", case, _numpy_alone(case), np.asarray, libraries.wait_for_xpnet)
        whole = 4 * case.batch * case.labels * (4 if case.learns else 2) <= HELD
        if libraries.torch is not None:
            for name, make in [("torch whole", _torch_whole)] * whole + [("torch tiles", _torch_tiles)]:
                step = make(case, libraries)
                yield _contestant(name, case, step, lambda x: x.detach().cpu().numpy(), libraries.wait_for_torch)
        if libraries.jax is not None:
            jax: Any = libraries.jax
            for name, make in [("jax whole", _jax_whole)] * whole + [("jax tiles", _jax_tiles)]:
                yield _contestant(name, case, make(case, jax), np.asarray, jax.block_until_ready)
        if libraries.faiss is not None and not case.learns:
            yield _contestant("faiss flat", case, _faiss(case, libraries.faiss), np.asarray, lambda _: None)


def _contestant(name: str, case: Question, step: Any, to_host: Any, wait: Any) -> Contestant:
    """A step returns (energies, labels) or (losses, gradients of the outputs)."""

    def answer() -> Answer:
        first, second = (to_host(each) for each in step())
        if case.learns:
            return {"loss": first, "gradient": second}
        chosen = case.codes[second.reshape(-1)].astype(np.float64)
        return {"lowest": first, "energy of the answer": 0.5 * np.sum((case.out - chosen) ** 2, axis=-1)}

    return Contestant(Runner(name, step, wait), answer)


@cache
def _exact(case: Question) -> Answer:
    out, lowest = case.out.astype(np.float64), np.full(case.batch, np.inf)
    total, drawn, level = np.zeros(case.batch), np.zeros((case.batch, WIDTH)), 0.5 * WIDTH
    for start in range(0, case.labels, 10_000):
        codes = case.codes[start : start + 10_000].astype(np.float64)
        energies = 0.5 * (np.vecdot(out, out)[:, None] + np.vecdot(codes, codes)) - out @ codes.T
        lowest = np.minimum(lowest, energies.min(axis=-1))
        weights = np.exp(level - energies)
        total += weights.sum(axis=-1)
        drawn += weights @ codes
    if not case.learns:
        return {"lowest": lowest, "energy of the answer": lowest}
    desired = case.codes[case.desired].astype(np.float64)
    loss = 0.5 * np.sum((out - desired) ** 2, axis=-1) - level + np.log(total)
    return {"loss": loss, "gradient": drawn / total[:, None] - desired}


def _xpnet(case: Question, libraries: Libraries) -> Any:
    ops, asarray = libraries.backend.ops, libraries.backend.asarray
    out, codes = asarray(case.out), asarray(case.codes)
    if not case.learns:
        return lambda: ops.search_labels(out, codes, "euclidean", None, 1, case.labels)
    desired = libraries.backend.indices(case.desired)
    return partial(_step, libraries.backend.xp, ops.label_logsum, out, codes, desired)


def _numpy_alone(case: Question) -> Any:
    from xpnet_numpy import label_tiles

    out, codes = case.out, case.codes
    if not case.learns:
        return lambda: label_tiles.search(out, codes, "euclidean", None, 1, case.labels)
    return partial(_step, np, label_tiles.logsum, out, codes, case.desired)


def _step(xp: Any, logsum: Any, out: Any, codes: Any, desired: Any) -> Any:
    """The desired label's energy less the free energy, and the gradient of both with respect to the outputs."""
    code = xp.take(codes, desired, axis=0)
    difference = out - code
    f, slope = logsum(out, codes, "euclidean", None, 1.0, codes.shape[0])
    return 0.5 * xp.vecdot(difference, difference) - f, difference - slope


def _torch_energies(torch: Any, out: Any, codes: Any) -> Any:
    halves = 0.5 * (out.square().sum(-1, keepdim=True) + codes.square().sum(-1))
    return torch.addmm(halves, out, codes.T, alpha=-1)


def _torch_whole(case: Question, libraries: Libraries) -> Any:
    torch, out, codes, desired = _on_torch(case, libraries)
    if not case.learns:
        return torch.no_grad()(lambda: torch.min(_torch_energies(torch, out, codes), dim=-1))
    out.requires_grad_()

    def step() -> Any:
        energies = _torch_energies(torch, out, codes)
        loss = energies.gather(1, desired[:, None])[:, 0] + torch.logsumexp(-energies, dim=-1)
        return loss, torch.autograd.grad(loss.sum(), out)[0]

    return step


def _torch_tiles(case: Question, libraries: Libraries) -> Any:
    """Labels lead in a tile, and the part that all labels share is added at the end."""
    torch, out, codes, desired = _on_torch(case, libraries)
    own, turned = 0.5 * out.square().sum(-1), out.T.contiguous()

    def scores(tile: Any) -> Any:
        return torch.addmm(tile.square().sum(-1, keepdim=True), tile, turned, beta=-0.5)

    @torch.no_grad()
    def search() -> Any:
        best, labels = torch.full_like(own, -torch.inf), torch.zeros_like(own, dtype=torch.int64)
        for start in range(0, case.labels, TORCH_TILE):
            here, place = torch.max(scores(codes[start : start + TORCH_TILE]), dim=0)
            better = here > best
            best, labels = torch.where(better, here, best), torch.where(better, place + start, labels)
        return own - best, labels

    @torch.no_grad()
    def step() -> Any:
        level, total, drawn = torch.full_like(own, -torch.inf), torch.zeros_like(own), torch.zeros_like(turned)
        for start in range(0, case.labels, TORCH_TILE):
            tile = codes[start : start + TORCH_TILE]
            weights = scores(tile)
            raised = torch.maximum(level, weights.amax(0))
            shrunk, level = torch.exp(level - raised), raised
            weights.sub_(level).exp_()
            total = total.mul_(shrunk).add_(weights.sum(0))
            drawn.mul_(shrunk).addmm_(tile.T, weights)
        code = codes[desired]
        loss = 0.5 * (out - code).square().sum(-1) - own + level + torch.log(total)
        return loss, (drawn / total).T - code

    return step if case.learns else search


def _on_torch(case: Question, libraries: Libraries) -> tuple[Any, ...]:
    torch: Any = libraries.torch
    return torch, *(torch.as_tensor(x, device=libraries.torch_device) for x in (case.out, case.codes, case.desired))


def _jax_whole(case: Question, jax: Any) -> Any:
    jnp = jax.numpy

    def energies(out: Any, codes: Any) -> Any:
        return 0.5 * (jnp.sum(out * out, -1, keepdims=True) + jnp.sum(codes * codes, -1)) - out @ codes.T

    def search(out: Any, codes: Any, _: Any) -> Any:
        found = energies(out, codes)
        return jnp.min(found, axis=-1), jnp.argmin(found, axis=-1)

    def loss(out: Any, codes: Any, desired: Any) -> Any:
        found = energies(out, codes)
        losses = jnp.take_along_axis(found, desired[:, None], -1)[:, 0] + jax.nn.logsumexp(-found, axis=-1)
        return jnp.sum(losses), losses

    def step(*data: Any) -> Any:
        (_, losses), gradient = jax.value_and_grad(loss, has_aux=True)(*data)
        return losses, gradient

    return partial(jax.jit(step if case.learns else search), *map(jnp.asarray, (case.out, case.codes, case.desired)))


def _jax_tiles(case: Question, jax: Any) -> Any:
    jnp = jax.numpy

    def search(out: Any, codes: Any, _: Any) -> Any:
        def one(carried: Any, tile: Any) -> Any:
            best, labels, start = carried
            scores = out @ tile.T - 0.5 * jnp.sum(tile * tile, -1)
            here, place = jnp.max(scores, axis=-1), jnp.argmax(scores, axis=-1)
            better = here > best
            return (jnp.where(better, here, best), jnp.where(better, place + start, labels), start + JAX_TILE), None

        first = (jnp.full(len(out), -jnp.inf), jnp.zeros(len(out), int), 0)
        (best, labels, _), _ = jax.lax.scan(one, first, codes.reshape(-1, JAX_TILE, WIDTH))
        return 0.5 * jnp.sum(out * out, -1) - best, labels

    def step(out: Any, codes: Any, desired: Any) -> Any:
        def one(carried: Any, tile: Any) -> Any:
            level, total, drawn = carried
            scores = out @ tile.T - 0.5 * jnp.sum(tile * tile, -1)
            raised = jnp.maximum(level, jnp.max(scores, axis=-1))
            weights, shrunk = jnp.exp(scores - raised[:, None]), jnp.exp(level - raised)
            return (raised, shrunk * total + jnp.sum(weights, -1), shrunk[:, None] * drawn + weights @ tile), None

        first = (jnp.full(len(out), -jnp.inf), jnp.zeros(len(out)), jnp.zeros_like(out))
        (level, total, drawn), _ = jax.lax.scan(one, first, codes.reshape(-1, JAX_TILE, WIDTH))
        code = codes[desired]
        loss = 0.5 * jnp.sum((out - code) ** 2, -1) - 0.5 * jnp.sum(out * out, -1) + level + jnp.log(total)
        return loss, drawn / total[:, None] - code

    return partial(jax.jit(step if case.learns else search), *map(jnp.asarray, (case.out, case.codes, case.desired)))


def _faiss(case: Question, faiss: Any) -> Any:
    """Its index holds the codes already when the clock starts."""
    index, out = faiss.IndexFlatL2(WIDTH), case.out
    index.add(case.codes)

    def step() -> Any:
        squares, labels = index.search(out, 1)
        return 0.5 * squares, labels

    return step
