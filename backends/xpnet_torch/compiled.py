"""A pure step made one program on the CPU: traced to the operations that run, then compiled."""

import logging
import warnings
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from threading import RLock, get_ident
from typing import TypeAlias

import torch
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from xpnet._typing import Array
from xpnet.backend import HOST_READ

Step: TypeAlias = Callable[..., tuple[Array, ...]]

READS = ("tolist", "numpy", "__array__")  # which pass the tracer by
TRACING = RLock()  # one thread at a time, since the ways to read are shut in the class
FEW = 0.01
NEAR = 1e-3  # of the largest number: rounding is far below, a lost factor above

log = logging.getLogger("xpnet")


def on_cpu(step: Step) -> Step:
    """The operations of one run, as torch's compiler makes them C++; arguments of another shape are traced anew.

    The step itself may be any Python: what is compiled is the list of operations that it ran.
    """
    programs: dict[Hashable, Step] = {}

    def run(*arrays: Array) -> tuple[Array, ...]:
        arrays = tuple(x if x.is_contiguous() else x.contiguous() for x in arrays)
        key = tuple(map(form, arrays))
        if key not in programs:
            own = tuple(x.detach() for x in arrays)  # for the tracer, one tensor in two places would be one argument
            with TRACING, _unread():
                traced = make_fx(step)(*own)
            programs[key] = _proved(traced, own)
        return programs[key](*arrays)

    return run


@contextmanager
def _unread() -> Iterator[None]:
    """A context in which this thread may not take a tensor's numbers out: the tracer would take them for constants."""
    tracing, kept = get_ident(), {name: getattr(torch.Tensor, name) for name in READS}

    def refusing(read: Callable[..., object]) -> Callable[..., object]:
        def refused(x: Array, *args: object, **named: object) -> object:
            if get_ident() != tracing:
                return read(x, *args, **named)
            raise RuntimeError(HOST_READ)

        return refused

    for name, read in kept.items():
        setattr(torch.Tensor, name, refusing(read))
    try:
        yield
    finally:
        for name, read in kept.items():
            setattr(torch.Tensor, name, read)


def form(x: Array) -> Hashable:
    """What a program knows of an argument."""
    return x.shape, x.dtype


def same(got: tuple[Array, ...], wanted: tuple[Array, ...]) -> bool:
    """Whether two programs gave the same, but for rounding; of integers all but one in a hundred, as energies tie."""
    return all(_near(one, other) for one, other in zip(got, wanted, strict=True))


def build(traced: GraphModule, arrays: tuple[Array, ...]) -> Step:
    """The operations as a program for arguments of this form.

    By the part of torch's compiler that comes after tracing, so that a call does not ask again what was traced.
    """
    try:
        from torch._inductor import compile as inductor
    except ImportError:  # torch does not promise its place
        return torch.compile(traced, dynamic=False)
    program = inductor(deepcopy(traced), list(arrays))
    return lambda *given: tuple(program(*given))


def _proved(traced: GraphModule, arrays: tuple[Array, ...]) -> Step:
    """The operations compiled, if that gives what they give one by one; compilers have been wrong before."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the compiler's, of torch's own old parts
        wanted = traced(*arrays)
        try:
            program = build(traced, arrays)
            right = same(program(*arrays), wanted)
        except Exception as error:  # no C++ compiler, say, or one that torch cannot start here
            told = (str(error).strip().splitlines() or [""])[0]
            log.warning(
                "torch's compiler cannot run here (%s: %s): this step is left uncompiled", type(error).__name__, told
            )
            return traced
    if right:
        return program
    log.warning("torch's compiler gives other numbers than the operations themselves: this step is left uncompiled")
    return traced


def _near(got: Array, wanted: Array) -> bool:
    if not wanted.is_floating_point():
        return got.shape == wanted.shape and float((got != wanted).double().mean() if got.numel() else 0.0) <= FEW
    finite = wanted[torch.isfinite(wanted)]
    scale = float(finite.abs().amax()) if finite.numel() else 0.0
    near: bool = torch.allclose(got, wanted, rtol=0.0, atol=scale * NEAR, equal_nan=True)
    return near
