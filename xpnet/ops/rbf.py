"""Radial basis functions: Gaussian bumps of half squared distances, and the exact pullbacks of their weighted sum."""

from xpnet._typing import Array, Namespace
from xpnet.ops.broadcast import rows


def bumps(xp: Namespace, half: Array, widths: Array) -> Array:
    """φ_i = exp(-k_i d_i²) from half squared distances d²/2 (..., K) and widths k (K,); it never exceeds 1.

    A product form of the distance may round below 0; that counts as 0.
    """
    return xp.exp(-2.0 * widths * xp.maximum(half, 0.0))


def bumps_slopes(xp: Namespace, half: Array, phi: Array, widths: Array) -> tuple[Array, Array]:
    """∂φ_i/∂(d_i²/2) = -2 k_i φ_i and ∂φ_i/∂k_i = -d_i² φ_i; 0 where the bump has vanished, however far away."""
    reached = xp.where(phi == 0, 0.0, xp.maximum(half, 0.0))  # ∞ · 0 would be NaN
    return -2.0 * widths * phi, -2.0 * reached * phi


def rbf_squared_vjp_x(xp: Namespace, ddy: Array, x: Array, centres: Array, slope: Array, weight: Array) -> Array:
    """ddx_j = Σ_o ddy_o (Σ_i u_oi s_i (x_j - w_ij))², with s the bumps' slope (..., K) and u the weight (out, K).

    The differences are never formed one by one: Σ_i a_i (x - w_i) = (Σ_i a_i) x - Σ_i a_i w_i, both centred first.
    """
    centre = xp.mean(centres, axis=0)
    strength = weight * slope[..., None, :]
    pulled = xp.reshape(xp.matmul(rows(xp, strength), centres - centre), (*strength.shape[:-1], centres.shape[-1]))
    jacobian = xp.sum(strength, axis=-1, keepdims=True) * (x - centre)[..., None, :] - pulled
    return xp.sum(ddy[..., None] * jacobian * jacobian, axis=-2)
