"""A trainable table of which one step touches a few rows."""

from typing import final

from xpnet._typing import Array, Shape
from xpnet.checks import shape_of
from xpnet.errors import ShapeError
from xpnet.ops.broadcast import sum_to
from xpnet.parameters.initializers import Initializer
from xpnet.parameters.parameter import Parameter
from xpnet.parameters.rows import own, require_rows, spread, summed


@final
class SparseParameter(Parameter):
    """A parameter that keeps gradients of rows, `accumulate_rows(ids, values)`, as rows: for symbols, label codes, …

    An update costs what the touched rows cost, however long the table, and leaves all other rows as they are, bit for
    bit. It is lazy: weight decay and the optimizer's slots (inertia, curvature) act on a row in those steps only that
    touch it, and a step that touches none is no update. Whole gradients, `accumulate(dx)`, may come in the same step;
    the update is then that of any parameter, of every row.

    Rows stay rows until the update: reading dx makes the whole gradient each time, and changes nothing. Where a whole
    gradient was written into `room`, it is the update's own, without a copy; one that was given, or read, is copied.

    >>> import numpy as np
    >>> codes = SparseParameter((4, 2))
    >>> codes.accumulate_rows(np.asarray([2, 0, 2]), np.ones((3, 2), codes.x.dtype))
    >>> codes.dx.tolist()
    [[1.0, 1.0], [0.0, 0.0], [2.0, 2.0], [0.0, 0.0]]
    """

    __slots__ = ("_count", "_dx", "_mine", "_room", "_rows")

    def __init__(self, shape: Shape, init: Initializer | None = None) -> None:
        if not shape_of(shape, "a parameter"):
            msg = "a sparse parameter is a table of rows, so it has an axis or more; got shape (): take Parameter(())"
            raise ShapeError(msg)
        super().__init__(shape, init)

    @property
    def dx(self) -> Array | None:
        """The gradient as a whole, made anew from the rows that are pending."""
        if self._dx is None:
            return spread(self.backend, self.shape, *self._joined()) if self._rows else None
        if not self._rows:
            self._mine = False  # the reader may keep it
            return self._dx
        return self._with_rows(own(self.backend, self._dx))

    @dx.setter
    def dx(self, value: Array | None) -> None:
        self._dx: Array | None = value
        self._mine = False  # whether nobody else reads the whole gradient, so that it may be written into
        self._room: Array | None = None  # the place that was asked for last
        self._rows: list[tuple[Array, Array]] = []
        self._count = 0  # of row gradients that are pending

    @property
    def room(self) -> Array | None:
        """A new place for a whole gradient, in a store that may write into it; most steps need none, so none is kept.

        Who accumulates this very array leaves it to the update, which overwrites it.
        """
        if self._dx is not None or self.home is None or not self.backend.capabilities.inplace:
            return None
        self._room = None  # freed before the next one is made
        self._room = self.backend.zeros(self.shape)
        return self._room

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
        mine, self._room = dx is self._room, None
        if self._dx is None:
            self._dx, self._mine = dx, mine
        elif self._mine and self.backend.capabilities.inplace:
            self._dx += dx
        else:
            self._dx, self._mine = self._dx + dx, True

    def release(self) -> Array:
        """The whole gradient with all rows in it, which is the caller's own from now on; nothing stays pending."""
        dx = self._dx if self._mine else own(self.backend, self._dx)
        dx = self._with_rows(dx) if self._rows else dx
        self.dx = None
        return dx

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

    def _with_rows(self, dx: Array) -> Array:
        """The sum of a whole gradient, which may be overwritten, and the rows that are pending."""
        ids, sums = self.rows()
        return self.backend.ops.replace_rows(dx, ids, self.backend.xp.take(dx, ids, axis=0) + sums)

    def _joined(self) -> tuple[Array, Array]:
        if len(self._rows) == 1:
            return self._rows[0]
        ids, values = zip(*self._rows, strict=True)
        concat = self.backend.xp.concat
        return concat(list(ids), axis=0), concat(list(values), axis=0)
