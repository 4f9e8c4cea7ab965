"""Functions applied to each component; their pullbacks need only the output."""

from xpnet._typing import Array, Namespace

AMPLITUDE, SLOPE = 1.7159, 2.0 / 3.0  # LeCun's squasher: f(1) = 1 and f(-1) = -1 to five digits


def tanh(xp: Namespace, x: Array) -> Array:
    """y = tanh(x)."""
    return xp.tanh(x)


def tanh_vjp(xp: Namespace, dy: Array, y: Array) -> Array:
    """dx = dy (1 - y²)."""
    return dy * (1.0 - y * y)


def tanh_squared_vjp(xp: Namespace, ddy: Array, y: Array) -> Array:
    """ddx = ddy (1 - y²)²."""
    slope = 1.0 - y * y
    return ddy * slope * slope


def scaled_tanh(xp: Namespace, x: Array) -> Array:
    """y = 1.7159 tanh(2x/3), the squasher of "Efficient BackProp" (LeCun et al. 1998)."""
    return AMPLITUDE * xp.tanh(SLOPE * x)


def scaled_tanh_vjp(xp: Namespace, dy: Array, y: Array) -> Array:
    """dx = dy (2/3) (1.7159 - y²/1.7159)."""
    return dy * (SLOPE * AMPLITUDE - (SLOPE / AMPLITUDE) * (y * y))


def scaled_tanh_squared_vjp(xp: Namespace, ddy: Array, y: Array) -> Array:
    """ddx = ddy (2/3)² (1.7159 - y²/1.7159)²."""
    slope = SLOPE * AMPLITUDE - (SLOPE / AMPLITUDE) * (y * y)
    return ddy * slope * slope


def sigmoid(xp: Namespace, x: Array) -> Array:
    """y = 1 / (1 + exp(-x)), exact in both tails."""
    tail = xp.exp(-xp.abs(x))
    return xp.where(x >= 0, 1.0 / (1.0 + tail), tail / (1.0 + tail))


def sigmoid_vjp(xp: Namespace, dy: Array, y: Array) -> Array:
    """dx = dy y (1 - y)."""
    return dy * y * (1.0 - y)


def sigmoid_squared_vjp(xp: Namespace, ddy: Array, y: Array) -> Array:
    """ddx = ddy (y (1 - y))²."""
    slope = y * (1.0 - y)
    return ddy * slope * slope


def relu(xp: Namespace, x: Array) -> Array:
    """y = max(x, 0)."""
    return xp.maximum(x, 0.0)


def relu_vjp(xp: Namespace, dy: Array, y: Array) -> Array:
    """dx = dy where y > 0, else 0; the kink itself counts as flat."""
    return xp.where(y > 0, dy, 0.0)


def relu_squared_vjp(xp: Namespace, ddy: Array, y: Array) -> Array:
    """ddx = ddy where y > 0, else 0: a slope of one is its own square."""
    return relu_vjp(xp, ddy, y)
