"""K affine maps at once, each replica with a weight of its own: y_k = W_k x_k + b_k.

The replica axis is the last lead axis: x (*lead, K, in), or (*lead, 1, in) where all K maps read the same vector. That
case, the usual one in a first layer, is a single product with the K weights one below the other.
"""

from xpnet._typing import Array, Namespace


def stacked_linear(xp: Namespace, x: Array, weight: Array, bias: Array | None = None) -> Array:
    """y_k = W_k x_k + b_k with weight (K, out, in) and bias (K, out): maps x to (*lead, K, out)."""
    k, out, width = weight.shape
    if x.shape[-2] == 1:
        flat = xp.matmul(xp.reshape(x, (-1, width)), xp.matrix_transpose(xp.reshape(weight, (k * out, width))))
        y = xp.reshape(flat, (*x.shape[:-2], k, out))
    else:
        y = _replica_last(xp, xp.matmul(_replica_first(xp, x), xp.matrix_transpose(weight)), x)
    return y if bias is None else y + bias


def stacked_linear_vjp_x(xp: Namespace, dy: Array, x: Array, weight: Array) -> Array:
    """dx_k = dy_k W_k, summed over the K maps where all read one x."""
    k, out, width = weight.shape
    if x.shape[-2] == 1:
        flat = xp.matmul(xp.reshape(dy, (-1, k * out)), xp.reshape(weight, (k * out, width)))
        return xp.reshape(flat, (*dy.shape[:-2], 1, width))
    return _replica_last(xp, xp.matmul(_replica_first(xp, dy), weight), dy)


def stacked_linear_vjp_weight(xp: Namespace, dy: Array, x: Array) -> Array:
    """dW_k = dy_kᵀ x_k (K, out, in), summed over the lead axes."""
    k, out = dy.shape[-2:]
    if x.shape[-2] == 1:
        flat = xp.matmul(xp.matrix_transpose(xp.reshape(dy, (-1, k * out))), xp.reshape(x, (-1, x.shape[-1])))
        return xp.reshape(flat, (k, out, x.shape[-1]))
    return xp.matmul(xp.matrix_transpose(_replica_first(xp, dy)), _replica_first(xp, x))


def stacked_linear_vjp_bias(xp: Namespace, dy: Array) -> Array:
    """db_k = Σ dy_k over the lead axes."""
    return xp.sum(xp.reshape(dy, (-1, *dy.shape[-2:])), axis=0)


def stacked_linear_squared_vjp_x(xp: Namespace, ddy: Array, x: Array, weight: Array) -> Array:
    """ddx_k = ddy_k (W_k∘W_k)."""
    return stacked_linear_vjp_x(xp, ddy, x, weight * weight)


def stacked_linear_squared_vjp_weight(xp: Namespace, ddy: Array, x: Array) -> Array:
    """ddW_k = ddy_kᵀ (x_k∘x_k)."""
    return stacked_linear_vjp_weight(xp, ddy, x * x)


def stacked_linear_squared_vjp_bias(xp: Namespace, ddy: Array) -> Array:
    """ddb_k = Σ ddy_k."""
    return stacked_linear_vjp_bias(xp, ddy)


def _replica_first(xp: Namespace, x: Array) -> Array:
    """(*lead, K, n) to (K, rows, n): matmul then takes one matrix after the other."""
    return xp.permute_dims(xp.reshape(x, (-1, *x.shape[-2:])), (1, 0, 2))


def _replica_last(xp: Namespace, y: Array, like: Array) -> Array:
    return xp.reshape(xp.permute_dims(y, (1, 0, 2)), (*like.shape[:-1], y.shape[-1]))
