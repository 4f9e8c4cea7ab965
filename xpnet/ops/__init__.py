"""Primitives as pure functions of a namespace and arrays: a formula and its pullbacks.

`<noun>` is the formula, `<noun>_vjp` pulls a gradient back through it (cotangent first, then what it needs), and
`<noun>_squared_vjp` pulls a diagonal second derivative back through the elementwise square of the same Jacobian,
diag(Jᵀ diag(ddy) J).

    linear       x Wᵀ + b                     dy W, dyᵀ x, Σ dy
    tanh         tanh x                       dy (1 - y²)
    scaled_tanh  1.7159 tanh(2x/3)            dy (2/3)(1.7159 - y²/1.7159)
    sigmoid      1 / (1 + e^-x)               dy y (1 - y)
    relu         max(x, 0)                    dy [y > 0]
    affine_tanh  tanh(x Wᵀ + b), and likewise scaled_tanh, sigmoid, relu   (pullbacks: tanh_vjp and those of linear)
    softmax      e^-βx / Σ e^-βx              -β p (dp - Σ p dp)
    logsum       -1/β log Σ e^-βx             dy P
    surprisal    -1/β log softmax(x)          (no pullback: see cross_entropy)
    select       x_y                          dy δ(y - k)
    likelihood   -1/β log P_y, and P          dL (δ(y - k) - p)
    switch       Σ δ(y - k) x_k               dy δ(y - k)
    lowest       min x                        dy for the first lowest
    rivals       min_{j ≠ k} x_j              Σ dy for the first lowest, dy of that one for the second
    log_loss     -1/β log p_y                 -dE δ(y - k) / (β p)
    cross_entropy      -1/β Σ d log softmax(x)   dE (d - P Σ d)
    kullback_leibler   Σ q log(q / p)            (slopes: log(q / p) + 1 and -q / p)
    euclidean    ½ ‖x - y‖²                   dE (x - y)
    concatenate  (x_1 | … | x_K)              slices of dy
    arcs_sum, arcs_product  x_i + w_ij, x_i w_ij   Σ_j dy_ji, dy_ji; each times the other factor
    bumps        e^(-k d²)                    through its slopes -2kφ, -d²φ
    weighted_sum Σ u_k F_k                    u_k dy, dy · F_k
    softplus     log(1 + e^x)                 dy (1 - e^-y)
    unit_rows    x / ‖x‖                      (dy - y (y · dy)) / ‖x‖
    circulant    u_(i-j mod n)                Σ over the places of u_k
    patches      windows side by side         Σ over the windows that hold a step
    convolution  Σ_j W_j x_(sp+dj) + b        Σ_j W_jᵀ dy_p, Σ_p dy_p xᵀ
    connection   kernels into a full kernel   the kernels that exist
    window_sum   Σ over a window              dy to each of its steps
    window_max   max over a window            dy to the first winner
    local_linear W_p x_p + b_p                W_pᵀ dy_p, dy_p x_pᵀ
    lookup       row x of W                   segment_add: Σ of the rows with one number
    sum_rows     Σ of the rows with one number, for some numbers   (no pullback)
    replace_rows x with other rows in some places                  (an update: no pullback)
    recurrent_tanh  z = tanh(u_t + W z), step by step   du_t = (dz + Wᵀ du_(t+1)) (1 - z²)
    pad          x within a border            dy without the border
    steps, join  some steps; one after other  dy in its place; slices of dy
    sgd          x - η (dx + λ x)             (an update: no pullback)

Modules do not import these functions: they call `self.ops.linear(...)`, the table that their backend resolved once.
"""

from xpnet.ops.table import REFERENCE as REFERENCE
from xpnet.ops.table import declines as declines
from xpnet.ops.table import gives_same_bits as gives_same_bits
from xpnet.ops.table import nondeterministic as nondeterministic
from xpnet.ops.table import resolve as resolve
from xpnet.ops.table import varying as varying
