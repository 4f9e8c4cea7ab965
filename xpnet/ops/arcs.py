"""The arcs of a trellis, each state with each of its successors, adding energies or multiplying probabilities."""

from xpnet._typing import Array, Namespace


def arcs_sum(xp: Namespace, x: Array, weight: Array) -> Array:
    """y_ji = x_i + w_ij: states x (..., K) and transitions w (..., K, L) to the arcs into each, (..., L, K)."""
    return x[..., None, :] + xp.matrix_transpose(weight)


def arcs_sum_vjp_x(xp: Namespace, dy: Array) -> Array:
    """dx_i = Σ_j dy_ji; the Jacobian is 0 or 1, and so is its square."""
    return xp.sum(dy, axis=-2)


def arcs_sum_vjp_weight(xp: Namespace, dy: Array) -> Array:
    """dw_ij = dy_ji."""
    return xp.matrix_transpose(dy)


def arcs_product(xp: Namespace, x: Array, weight: Array) -> Array:
    """y_ji = x_i w_ij."""
    return x[..., None, :] * xp.matrix_transpose(weight)


def arcs_product_vjp_x(xp: Namespace, dy: Array, weight: Array) -> Array:
    """dx_i = Σ_j dy_ji w_ij; with w² in place of w it is the pullback through the squared Jacobian."""
    return xp.sum(dy * xp.matrix_transpose(weight), axis=-2)


def arcs_product_vjp_weight(xp: Namespace, dy: Array, x: Array) -> Array:
    """dw_ij = dy_ji x_i; with x² in place of x it is the pullback through the squared Jacobian."""
    return xp.matrix_transpose(dy * x[..., None, :])
