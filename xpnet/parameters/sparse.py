"""A trainable table of which one step touches a few rows."""

from typing import final

from xpnet._typing import Array, Shape
from xpnet.errors import ShapeError
from xpnet.ops.broadcast import sum_to
from xpnet.parameters.initializers import Initializer
from xpnet.parameters.parameter import Parameter
from xpnet.parameters.rows import require_rows, spread, summed


@final
class SparseParameter(Parameter):
    """A parameter that keeps gradients of rows, `accumulate_rows(ids, values)`, as rows: for symbols, label codes, …

    An update costs what the touched rows cost, however long the table, and leaves all other rows as they are, bit for
    bit. It is lazy: weight decay and the optimizer's slots (inertia, curvature) act on a row in those steps only that
    touch it, and a step that touches none is no update. Whole gradients, `accumulate(dx)`, may come in the same step;
    the update is then that of any parameter, of every row.

    Rows stay rows until the update: reading dx makes the whole gradient each time, and changes nothing.

    >>> import numpy as np
    >>> codes = SparseParameter((4, 2))
    >>> codes.accumulate_rows(np.asarray([2, 0, 2]), np.ones((3, 2), codes.x.dtype))
    >>> codes.dx.tolist()
    [[1.0, 1.0], [0.0, 0.0], [2.0, 2.0], [0.0, 0.0]]
    """

    __slots__ = ("_count", "_dx", "_rows")

    def __init__(self, shape: Shape, init: Initializer | None = None) -> None:
        if not shape:
            msg = "a sparse parameter is a table of rows, so it has an axis or more; got shape (): take Parameter(())"
            raise ShapeError(msg)
        super().__init__(shape, init)

    @property
    def dx(self) -> Array | None:
        """The gradient as a whole, made anew from the rows that are pending."""
        if not self._rows:
            return self._dx
        dx = spread(self.backend, self.shape, *self._joined())
        return dx if self._dx is None else self._dx + dx

    @dx.setter
    def dx(self, value: Array | None) -> None:
        self._dx: Array | None = value
        self._rows: list[tuple[Array, Array]] = []
        self._count = 0  # of row gradients that are pending

    @property
    def room(self) -> None:
        """No place of its own: most steps make no whole gradient."""
        return

    @property
    def whole(self) -> bool:
        """Whether a whole gradient has come in."""
        return self._dx is not None

    @property
    def touched(self) -> bool:
        """Whether gradients of rows are pending."""
        return bool(self._rows)

    def accumulate(self, dx: Array) -> None:
        """dx += the given gradient of all rows."""
        dx = dx if dx.shape == self.shape else sum_to(dx, self.shape)
        self._dx = dx if self._dx is None else self._dx + dx

    def accumulate_rows(self, ids: Array, values: Array) -> None:
        """dx[ids_i] += values_i, kept as rows."""
        backend = self.backend
        require_rows(backend, self.name, self.x, ids, values)
        self._rows.append((ids, values))
        self._count += ids.shape[0]
        if backend.synchronous and self._count > self.shape[0]:
            rows = self.rows()
            if rows[0].shape[0] <= self.shape[0]:  # each of them once, so that more may be added to the sums
                self._rows, self._count = [rows], rows[0].shape[0]

    def rows(self) -> tuple[Array, Array]:
        """The rows touched (m,) and the sum of each one's gradients (m, *row), as `summed` gives them."""
        return summed(self.backend, *self._joined())

    def _joined(self) -> tuple[Array, Array]:
        if len(self._rows) == 1:
            return self._rows[0]
        ids, values = zip(*self._rows, strict=True)
        concat = self.backend.xp.concat
        return concat(list(ids), axis=0), concat(list(values), axis=0)
