"""An array library of its own, small: arrays that nobody can write, in boxes whose arrays do not mix.

It follows the Array API standard by lending NumPy's functions, but its arrays are no NumPy arrays, nothing converts
them silently, and what leaves a box leaves it by `export`. Tests package it, and the plugin that README's guide shows.
"""

import operator
import sys

import array_api_compat.numpy as lent
import numpy as np

__version__ = "1.0"


class Box:
    """A place for arrays."""

    def __init__(self, name):
        self.name = name

    def __str__(self):
        return self.name


BOXES = {name: Box(name) for name in ("box:0", "box:1")}


class Array:
    """Numbers in a box; operators and slices make new arrays."""

    def __init__(self, values, device):
        self._values = np.array(values)
        self._values.flags.writeable = False
        self.device = device

    shape = property(lambda self: self._values.shape)
    dtype = property(lambda self: self._values.dtype)
    ndim = property(lambda self: self._values.ndim)
    size = property(lambda self: self._values.size)

    def __array__(self, *_, **__):
        msg = "arrays of mylib leave their box by mylib.export only"
        raise TypeError(msg)

    def __array_namespace__(self, api_version=None):
        return sys.modules[__name__]

    def __getitem__(self, key):
        return Array(self._values[_bare(key)], self.device)

    def __float__(self):
        return float(self._values)

    def __int__(self):
        return int(self._values)

    def __bool__(self):
        return bool(self._values)

    def __repr__(self):
        return f"mylib.Array({self._values.tolist()}, {self.device})"


def export(x):
    """A NumPy array with the values of x."""
    return x._values.copy()


def _bare(part):
    if isinstance(part, list | tuple):
        return type(part)(map(_bare, part))
    return part._values if isinstance(part, Array) else part


def _boxes(part):
    if isinstance(part, list | tuple):
        return {box for each in part for box in _boxes(each)}
    return {part.device} if isinstance(part, Array) else set()


def _boxed(result, box):
    if isinstance(result, list | tuple):
        return [_boxed(each, box) for each in result]
    return Array(result, box) if isinstance(result, np.ndarray | np.generic) else result


def _lift(function):
    """NumPy's function, on arrays of one box."""

    def lifted(*args, device=None, **options):
        boxes = _boxes(args) | ({device} if device else set())
        if len(boxes) > 1:
            msg = f"arrays of mylib stay in their box; got {', '.join(sorted(map(str, boxes)))}"
            raise ValueError(msg)
        result = function(*map(_bare, args), **{name: _bare(value) for name, value in options.items()})
        return _boxed(result, boxes.pop() if boxes else BOXES["box:0"])

    return lifted


UNARY = ("neg", "pos", "abs", "invert")
BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")

for _name in (*UNARY, *COMPARISONS, *BINARY):
    _plain = _name.strip("_")
    _lifted = _lift(getattr(operator, _name))
    setattr(Array, f"__{_plain}__", lambda *args, op=_lifted: op(*args))
    if _name in BINARY:
        setattr(Array, f"__r{_plain}__", lambda self, other, op=_lifted: op(other, self))
Array.__hash__ = object.__hash__


def __getattr__(name):
    found = getattr(lent, name)
    return _lift(found) if callable(found) and not isinstance(found, type) and name != "isdtype" else found
