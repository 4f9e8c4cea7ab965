"""CUDA arrays over NumPy's: each stands on a device, and what is computed from them on the current one."""

import warnings

import numpy as np

from cupy_stand_in import devices, memory, streams


class PerformanceWarning(RuntimeWarning):
    """CuPy's warning of operands on another device."""


class FakeArray(np.ndarray):
    """A CUDA array: new ones stand on the current device, views where their base stands."""

    def __array_finalize__(self, base):
        self._device = base._device if isinstance(base, FakeArray) else devices.get_device()

    @property
    def device(self):
        return devices.FakeDevice(self._device)

    @property
    def data(self):
        return Pointer(self)

    @property
    def __cuda_array_interface__(self):
        return {"shape": self.shape, "typestr": self.dtype.str, "data": (self.ctypes.data, False), "version": 3}

    def __dlpack_device__(self):
        return 2, self._device

    def copy(self, order="C"):
        _run()
        return on_current(np.array(plain(self), order=order))

    def astype(self, dtype, order="K", casting="unsafe", subok=True, copy=True):
        if not copy and self.dtype == dtype:
            return self
        _check(self)
        _run()
        return on_current(plain(self).astype(dtype, order=order, copy=True))

    def set(self, arr, stream=None):
        assert type(arr) is np.ndarray
        assert arr.dtype == self.dtype
        assert arr.shape == self.shape
        there = plain(self)
        (stream or streams.get_current_stream()).submit(lambda: np.copyto(there, arr))

    def __getitem__(self, key):
        _run()
        return _wrapped(plain(self)[_plain(key)], [self])

    def __setitem__(self, key, value):
        _run()
        _check(self, value)
        plain(self)[_plain(key)] = _plain(value)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        _run()
        if ufunc is not np.matmul:
            _check(*inputs)
        if any(type(x) is np.ndarray for x in inputs):
            msg = "Unsupported type <class 'numpy.ndarray'>"
            raise TypeError(msg)
        if out is not None:
            options["out"] = _plain(out)
        with np.errstate(all="ignore"):  # kernels do not tell of overflow
            result = getattr(ufunc, method)(*_plain(inputs), **options)
        if out is not None:
            return out[0] if len(out) == 1 else out
        return _wrapped(result, [x for x in inputs if isinstance(x, FakeArray)])

    def __array_function__(self, function, types, args, options):
        _run()
        found = list(_arrays(args)) + list(_arrays(options))
        _check(*found)
        with np.errstate(all="ignore"):
            return _wrapped(function(*_plain(args), **_plain(options)), found)


FakeArray.__module__, FakeArray.__name__, FakeArray.__qualname__ = "cupy", "ndarray", "ndarray"


class Pointer:
    """Where an array begins in memory, and on which device."""

    def __init__(self, array):
        self.ptr, self.device_id = array.ctypes.data, array._device


def plain(x):
    return x.view(np.ndarray)


def on_current(x):
    """A NumPy array that nobody else has, as an array on the current device."""
    owner = x if type(x) is np.ndarray and x.base is None else np.array(x)
    memory.POOL.allot(owner)
    made = owner.view(FakeArray)
    made._device = devices.get_device()
    return made


def created(function):
    return lambda *args, device=None, **options: on_current(function(*_plain(args), **options))


def empty(shape, dtype=float, order="C", *, device=None):
    """Memory with what was there before: nothing that anybody wants."""
    poison = np.full(shape, np.nan if np.dtype(dtype).kind == "f" else -77, dtype, order)
    return on_current(poison)


def asarray(x, dtype=None):
    if isinstance(x, FakeArray):
        moved = x if x._device == devices.get_device() else x.copy()
        return moved if dtype in (None, moved.dtype) else moved.astype(dtype)
    return on_current(np.array(x, dtype=dtype))


def ascontiguousarray(x):
    return x if x.flags.c_contiguous else x.copy()


def asarray_there(x, dtype=None, device=None, copy=None):
    with devices.FakeDevice(device):
        made = asarray(x, dtype)
        return made.copy() if copy and made is x else made


def asnumpy(x):
    _run()
    return np.array(plain(x)) if isinstance(x, FakeArray) else np.asarray(x)


def from_dlpack(x):
    """The array that a library would lend, alias and all."""
    kind, place = x.__dlpack_device__()
    assert kind in (2, 13)
    made = np.asarray(x.lent).view(FakeArray)
    made._device = place
    return made


def _run():
    streams.get_current_stream().synchronize()


def _check(*arrays):
    for x in _arrays(arrays):
        if x._device != devices.get_device():
            warnings.warn(
                f"The device where the array resides ({x._device}) is different from the current device "
                f"({devices.get_device()}). Peer access has been activated automatically.",
                PerformanceWarning,
                stacklevel=3,
            )


def _arrays(value):
    if isinstance(value, FakeArray):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _arrays(part)
    elif isinstance(value, dict):
        yield from _arrays(list(value.values()))


def _plain(value):
    if isinstance(value, FakeArray):
        return plain(value)
    if isinstance(value, list | tuple):
        return type(value)(_plain(part) for part in value)
    return {name: _plain(part) for name, part in value.items()} if isinstance(value, dict) else value


def _wrapped(result, sources):
    if isinstance(result, tuple | list):
        return type(result)(_wrapped(part, sources) for part in result)
    if not isinstance(result, np.ndarray | np.generic):
        return result
    result = np.asarray(result)
    for source in sources:
        if result.size and np.may_share_memory(result, plain(source)):
            view = result.view(FakeArray)
            view._device = source._device
            return view
    return on_current(result)
