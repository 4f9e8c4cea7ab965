"""Clauses of a backend: its name, its devices, its dtype, and that it is a place and no value."""

from copy import deepcopy
from functools import partial

from xpnet.backend import available_backends, load_backend
from xpnet.errors import BackendError
from xpnet.testing.backend_bench import Bench, clause


@clause("Return a fresh context manager from each device_scope(), which restores what it changed and lets errors pass.")
def device_scope_nests(bench: Bench) -> None:
    """device_scope() may be entered inside itself, again afterwards, and lets exceptions out."""
    backend, made = bench.backend, []
    with backend.device_scope():
        with backend.device_scope():
            made.append(backend.zeros((2,)))
        made.append(backend.zeros((2,)))
    with backend.device_scope():
        made.append(backend.zeros((2,)))
    bench.same("arrays made in scopes, and in scopes in scopes", 3, len(made))

    def fails() -> None:
        with backend.device_scope(), backend.device_scope():
            msg = "on purpose"
            raise LookupError(msg)

    bench.refuses("an error inside device_scope()", LookupError, fails)


@clause("Set `name` to the entry point's name: what users write in XPNET_BACKEND.")
def the_name_leads_here(bench: Bench) -> None:
    """`name` is one word, and where an installed backend has it, that is this backend."""
    name = bench.backend.name
    bench.holds("name", isinstance(name, str) and name == name.strip() != "", "one word", repr(name))
    bench.holds("name", name != "auto" and not set(name) & set(" ,:"), "a word that no setting uses", repr(name))
    if name in available_backends():
        bench.same(f"the installed backend {name!r}", load_backend(name), type(bench.backend))


@clause("Let parse_device read what device_name says, take None, and raise BackendError for any other device.")
def devices_have_names(bench: Bench) -> None:
    """parse_device(device_name) is the device, None the library's default; an unknown name is a BackendError."""
    backend = bench.backend
    bench.holds("device_name", isinstance(backend.device_name, str), "a text", repr(backend.device_name))
    bench.same(f"parse_device({backend.device_name!r})", backend.device, backend.parse_device(backend.device_name))
    twin = bench.another(device=backend.device_name, dtype=backend.dtype_name)
    bench.same("the device of a backend made by that name", backend.device, twin.device)
    default = backend.parse_device(None)
    bench.holds("parse_device(None)", default is not None, "the library's default device", "None")
    for name in ("no such device", "xyzzy:0", f"{backend.device_name}:99999"):
        bench.refuses(f"parse_device({name!r})", BackendError, partial(backend.parse_device, name))


@clause("Hand device and dtype on to Backend.__init__, which refuses other dtypes, and let with_dtype make a new one.")
def the_dtype_is_the_one_asked_for(bench: Bench) -> None:
    """dtype is the library's float32 or float64, as `dtype_name` says; others are a BackendError."""
    backend = bench.backend
    bench.same("dtype", getattr(backend.xp, backend.dtype_name), backend.dtype)
    twin = backend.with_dtype(backend.dtype_name)
    bench.same("with_dtype(its own dtype)", (type(backend), backend.dtype_name, backend.device, backend.precision),
               (type(twin), twin.dtype_name, twin.device, twin.precision))  # fmt: skip
    for name in ("float16", "int64", "real"):
        bench.refuses(f"dtype={name!r}", BackendError, partial(bench.another, dtype=name))


@clause("Leave __deepcopy__ and __repr__ as Backend has them, or say as much.")
def a_backend_is_a_place(bench: Bench) -> None:
    """A deep copy is the backend itself; its repr tells the device, the dtype and a reduced precision."""
    backend = bench.backend
    copied = deepcopy({"backend": backend})["backend"]
    bench.holds("deepcopy(backend)", copied is backend, "the backend itself", copied)
    told = repr(backend)
    for part in (backend.device_name, backend.dtype_name, *({backend.precision} - {"full"})):
        bench.holds("repr", part in told, f"{part!r} in it", told)
