"""Primitives as pure functions of a namespace and arrays: a formula and its pullbacks.

`<noun>` is the formula, `<noun>_vjp` pulls a gradient back through it (cotangent first, then what it needs), and
`<noun>_squared_vjp` pulls a diagonal second derivative back through the elementwise square of the same Jacobian,
diag(Jᵀ diag(ddy) J).

    linear       x Wᵀ + b                     dy W, dyᵀ x, Σ dy
    tanh         tanh x                       dy (1 - y²)
    scaled_tanh  1.7159 tanh(2x/3)            dy (2/3)(1.7159 - y²/1.7159)
    sigmoid      1 / (1 + e^-x)               dy y (1 - y)
    relu         max(x, 0)                    dy [y > 0]
    softmax      e^-βx / Σ e^-βx              -β p (dp - Σ p dp)
    logsum       -1/β log Σ e^-βx             dy P
    euclidean    ½ ‖x - y‖²                   dE (x - y)
    concatenate  (x_1 | … | x_K)              slices of dy
    sgd          x - η (dx + λ x)             (an update: no pullback)

Modules do not import these functions: they call `self.ops.linear(...)`, the table that their backend resolved once.
"""

from xpnet.ops.table import REFERENCE as REFERENCE
from xpnet.ops.table import declines as declines
from xpnet.ops.table import resolve as resolve
