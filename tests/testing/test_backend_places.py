"""Backends that are wrong about names, devices and dtypes, each caught by the clause that says so."""

from contextlib import contextmanager

import pytest
import xpnet_strict
from broken_backends import Sound, broken_clauses, sound, strict


@contextmanager
def _swallows():
    try:
        yield
    except LookupError:
        return


@contextmanager
def _once():
    yield


class OneScope(Sound):
    def __init__(self, **how):
        self.scope = _once()
        super().__init__(**how)

    def device_scope(self):
        return self.scope


class AnyDtype(Sound):
    def __init__(self, device=None, dtype="float32"):
        super().__init__(device, dtype if dtype.startswith("float") and dtype != "float16" else "float32")


def _forgets_the_device(self, dtype):
    return type(self)(dtype=dtype)


def _takes_any_device(self, device):
    return "cpu"


def _takes_any_index(self, device):
    by_name = xpnet_strict.StrictBackend.parse_device
    return by_name(self, device if device is None else device.partition(":")[0])


BROKEN = {
    "a scope that swallows errors": ("device scope nests", lambda: sound(device_scope=lambda self: _swallows())),
    "a scope that can be entered once": ("device scope nests", OneScope),
    "another library's name": ("the name leads here", lambda: sound(name="numpy")),
    "a name that is a setting": ("the name leads here", lambda: sound(name="auto")),
    "a name of two words": ("the name leads here", lambda: sound(name="my library")),
    "any device goes": ("devices have names", lambda: sound(parse_device=_takes_any_device)),
    "any index goes": ("devices have names", lambda: strict(parse_device=_takes_any_index)),
    "a device's name that is another's": ("devices have names", lambda: strict(device_name="CPU_DEVICE")),
    "any dtype goes": ("the dtype is the one asked for", AnyDtype),
    "with_dtype on the default device": (
        "the dtype is the one asked for", lambda: strict(with_dtype=_forgets_the_device)
    ),
    "a backend that can be copied": (
        "a backend is a place", lambda: sound(__deepcopy__=lambda self, memo: type(self)())
    ),
    "a repr without a dtype": ("a backend is a place", lambda: sound(__repr__=lambda self: "Sound('cpu')")),
}  # fmt: skip


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_is_caught_by_its_clause(wrong):
    clause, make = BROKEN[wrong]
    assert broken_clauses(make())[0] == [clause]
