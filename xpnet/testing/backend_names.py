"""What xpnet takes from a namespace: every `xp.<name>` in its source, as a test finds them by reading it."""

CONSTANTS = ("bool", "float64", "inf", "int64", "int8")
FUNCTIONS = (
    "abs", "all", "any", "arange", "argmax", "argmin", "argsort", "asarray", "astype", "broadcast_arrays",
    "broadcast_to", "clip", "concat", "count_nonzero", "cumulative_sum", "equal", "exp", "expand_dims", "expm1", "eye",
    "finfo", "full", "full_like", "isdtype", "isfinite", "isinf", "isnan", "linspace", "log", "log1p", "logical_or",
    "matmul", "matrix_transpose", "max", "maximum", "mean", "min", "minimum", "ones", "ones_like", "permute_dims",
    "reshape", "searchsorted", "sqrt", "squeeze", "stack", "sum", "take", "take_along_axis", "tanh", "vecdot", "where",
    "zeros", "zeros_like",
)  # fmt: skip
NAMES = (*CONSTANTS, *FUNCTIONS)
