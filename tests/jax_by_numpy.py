"""JAX's gradient of a function, evaluated by NumPy: JAX differentiates, and nothing has to be compiled.

XLA takes seconds to compile each random machine and each new shape of an operation; here the gradient that JAX has
derived, a list of primitive operations, is carried out one by one.
"""

import numpy as np


def _dot(a, b, *, dimension_numbers, **_):
    contracted, batch = dimension_numbers
    assert not any(batch), "no batched products here"
    return np.tensordot(a, b, contracted)


def _broadcast(x, *, shape, broadcast_dimensions, **_):
    ones = [1] * len(shape)
    for axis, size in zip(broadcast_dimensions, np.shape(x), strict=True):
        ones[axis] = size
    return np.broadcast_to(np.reshape(x, ones), shape)


def _slice(x, *, start_indices, limit_indices, strides, **_):
    steps = strides or [1] * len(start_indices)
    return x[tuple(slice(*bounds) for bounds in zip(start_indices, limit_indices, steps, strict=True))]


def _pad(x, value, *, padding_config):
    assert all(low >= 0 and high >= 0 and inner == 0 for low, high, inner in padding_config)
    return np.pad(x, [(low, high) for low, high, _ in padding_config], constant_values=value)


def _cumsum(x, *, axis, reverse):
    assert not reverse
    return np.cumsum(x, axis)


ELEMENTWISE = {  # whose options say how exact they are, or of which type
    "add": np.add, "add_any": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
    "tanh": np.tanh, "exp": np.exp, "log": np.log, "eq": np.equal, "and": np.logical_and, "copy": np.array,
}  # fmt: skip
PRIMITIVES = {
    "integer_pow": lambda x, y, **_: x**y,
    "reduce_sum": lambda x, axes, **_: np.sum(x, axes), "reduce_max": lambda x, axes, **_: np.max(x, axes),
    "reduce_min": lambda x, axes, **_: np.min(x, axes),
    "transpose": lambda x, permutation, **_: np.transpose(x, permutation),
    "reshape": lambda x, new_sizes, **_: np.reshape(x, new_sizes),
    "squeeze": lambda x, dimensions: np.squeeze(x, dimensions),
    "convert_element_type": lambda x, new_dtype, **_: np.asarray(x, new_dtype),
    "select_n": lambda which, *cases: np.where(which, *reversed(cases)),
    "concatenate": lambda *parts, dimension: np.concatenate(parts, dimension),
    "split": lambda x, sizes, axis: np.split(x, np.cumsum(sizes)[:-1], axis),
    "stack": lambda *parts, axis: np.stack(parts, axis),
    "unstack": lambda x, axis: [np.take(x, k, axis) for k in range(x.shape[axis])],
    "dot_general": _dot, "broadcast_in_dim": _broadcast, "slice": _slice, "pad": _pad, "cumsum": _cumsum,
}  # fmt: skip


def value_and_gradients(jax, function, *arguments):
    """function(*arguments), a scalar, and its gradients with respect to all arguments, lists or trees of arrays."""
    with jax.enable_x64(True):
        traced, form = jax.make_jaxpr(
            jax.value_and_grad(function, argnums=tuple(range(len(arguments)))), return_shape=True
        )(*arguments)
    flat = _carried_out(traced.jaxpr, traced.consts, jax.tree.leaves(arguments))
    return jax.tree.unflatten(jax.tree.structure(form), flat)


def _carried_out(jaxpr, constants, arguments):
    held = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *arguments], strict=True))

    def read(variable):
        return variable.val if hasattr(variable, "val") else held[variable]

    for equation in jaxpr.eqns:
        inputs, name = [np.asarray(read(variable)) for variable in equation.invars], equation.primitive.name
        if name in ("jit", "pjit"):
            inner = equation.params["jaxpr"]
            outputs = _carried_out(inner.jaxpr, inner.consts, inputs)
        elif name in ELEMENTWISE:
            outputs = ELEMENTWISE[name](*inputs)
        else:
            outputs = PRIMITIVES[name](*inputs, **equation.params)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        for variable, output in zip(equation.outvars, outputs, strict=True):
            assert np.shape(output) == variable.aval.shape, f"{name} gave {np.shape(output)}, not {variable.aval.shape}"
            held[variable] = output
    return [np.asarray(read(variable)) for variable in jaxpr.outvars]
