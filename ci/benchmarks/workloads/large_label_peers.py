"""The peers on label sets whose energies are too many to hold: torch and JAX, whole and in tiles, and faiss."""

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from benchmarks.libraries import Libraries

WIDTH = 84
TORCH_TILE = 2048  # labels: the best of 1024, 2048, 4096 and 8192 on a processor
JAX_TILE = 2000  # divides all sizes
GPU_TILE = 1 << 26  # energies: a tile should fill a GPU


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


def tile_of(case: Question, least: int, libraries: Libraries) -> int:
    """Labels a tile: the best known number on a processor; on a GPU the largest tenfold of it that is still a tile."""
    tile = least
    while libraries.gpu and 10 * tile * case.batch <= GPU_TILE and 10 * tile <= case.labels:
        tile *= 10
    return tile


def _torch_energies(torch: Any, out: Any, codes: Any) -> Any:
    halves = 0.5 * (out.square().sum(-1, keepdim=True) + codes.square().sum(-1))
    return torch.addmm(halves, out, codes.T, alpha=-1)


def torch_whole(case: Question, libraries: Libraries) -> Any:
    torch, out, codes, desired = _on_torch(case, libraries)
    if not case.learns:
        return torch.no_grad()(lambda: torch.min(_torch_energies(torch, out, codes), dim=-1))
    out.requires_grad_()

    def step() -> Any:
        energies = _torch_energies(torch, out, codes)
        loss = energies.gather(1, desired[:, None])[:, 0] + torch.logsumexp(-energies, dim=-1)
        return loss, torch.autograd.grad(loss.sum(), out)[0]

    return step


def torch_tiles(case: Question, libraries: Libraries) -> Any:
    """Labels lead in a tile, and the part that all labels share is added at the end."""
    torch, out, codes, desired = _on_torch(case, libraries)
    own, turned, size = 0.5 * out.square().sum(-1), out.T.contiguous(), tile_of(case, TORCH_TILE, libraries)

    def scores(tile: Any) -> Any:
        return torch.addmm(tile.square().sum(-1, keepdim=True), tile, turned, beta=-0.5)

    @torch.no_grad()
    def search() -> Any:
        best, labels = torch.full_like(own, -torch.inf), torch.zeros_like(own, dtype=torch.int64)
        for start in range(0, case.labels, size):
            here, place = torch.max(scores(codes[start : start + size]), dim=0)
            better = here > best
            best, labels = torch.where(better, here, best), torch.where(better, place + start, labels)
        return own - best, labels

    @torch.no_grad()
    def step() -> Any:
        level, total, drawn = torch.full_like(own, -torch.inf), torch.zeros_like(own), torch.zeros_like(turned)
        for start in range(0, case.labels, size):
            tile = codes[start : start + size]
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


def jax_whole(case: Question, jax: Any) -> Any:
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


def jax_tiles(case: Question, jax: Any, size: int) -> Any:
    jnp = jax.numpy

    def search(out: Any, codes: Any, _: Any) -> Any:
        def one(carried: Any, tile: Any) -> Any:
            best, labels, start = carried
            scores = out @ tile.T - 0.5 * jnp.sum(tile * tile, -1)
            here, place = jnp.max(scores, axis=-1), jnp.argmax(scores, axis=-1)
            better = here > best
            return (jnp.where(better, here, best), jnp.where(better, place + start, labels), start + size), None

        first = (jnp.full(len(out), -jnp.inf), jnp.zeros(len(out), int), 0)
        (best, labels, _), _ = jax.lax.scan(one, first, codes.reshape(-1, size, WIDTH))
        return 0.5 * jnp.sum(out * out, -1) - best, labels

    def step(out: Any, codes: Any, desired: Any) -> Any:
        def one(carried: Any, tile: Any) -> Any:
            level, total, drawn = carried
            scores = out @ tile.T - 0.5 * jnp.sum(tile * tile, -1)
            raised = jnp.maximum(level, jnp.max(scores, axis=-1))
            weights, shrunk = jnp.exp(scores - raised[:, None]), jnp.exp(level - raised)
            return (raised, shrunk * total + jnp.sum(weights, -1), shrunk[:, None] * drawn + weights @ tile), None

        first = (jnp.full(len(out), -jnp.inf), jnp.zeros(len(out)), jnp.zeros_like(out))
        (level, total, drawn), _ = jax.lax.scan(one, first, codes.reshape(-1, size, WIDTH))
        code = codes[desired]
        loss = 0.5 * jnp.sum((out - code) ** 2, -1) - 0.5 * jnp.sum(out * out, -1) + level + jnp.log(total)
        return loss, drawn / total[:, None] - code

    return partial(jax.jit(step if case.learns else search), *map(jnp.asarray, (case.out, case.codes, case.desired)))


def faiss_flat(case: Question, faiss: Any) -> Any:
    """Its index holds the codes already when the clock starts."""
    index, out = faiss.IndexFlatL2(WIDTH), case.out
    index.add(case.codes)

    def step() -> Any:
        squares, labels = index.search(out, 1)
        return 0.5 * squares, labels

    return step
