"""Energies E(Y) with known minima, for the tests of inference by descent."""

import numpy as np

import xpnet as xn


class Valley(xn.Module):
    """E(Y) of one vector Y (..., n) to energies (...): `energy` and `slope` say which."""

    event_ndims = (1,)

    def fprop(self, y, energy):
        energy.x = self.energy(y.x)

    def bprop(self, y, energy):
        y.accumulate(energy.cotangent[..., None] * self.slope(y.x))


class Quadratic(Valley):
    """E = ½ Σ_k c_k (y_k - m_k)² + offset: lowest at m."""

    def __init__(self, curvatures, middle, offset=0.0):
        self.curvatures, self.middle, self.offset = curvatures, middle, offset

    def _parts(self, y):
        return self.backend.asarray(self.curvatures), y - self.backend.asarray(self.middle)

    def energy(self, y):
        c, away = self._parts(y)
        return 0.5 * self.xp.sum(c * away**2, axis=-1) + self.offset

    def slope(self, y):
        c, away = self._parts(y)
        return c * away


class DoubleWell(Valley):
    """E = Σ_k (y_k² - 1)² + ½ y_k: lowest where every component lies in the left of its two wells."""

    lowest = float(np.min(np.roots([4.0, 0.0, -4.0, 0.5]).real))  # 4 y³ - 4 y + ½ = 0
    higher = float(np.max(np.roots([4.0, 0.0, -4.0, 0.5]).real))

    def energy(self, y):
        return self.xp.sum((y**2 - 1.0) ** 2 + 0.5 * y, axis=-1)

    def slope(self, y):
        return 4.0 * y * (y**2 - 1.0) + 0.5


class Barrier(Valley):
    """E = Σ_k (y_k - log y_k): lowest at 1, no number left of 0, +∞ at 0."""

    def energy(self, y):
        return self.xp.sum(y - self.xp.log(y), axis=-1)

    def slope(self, y):
        return 1.0 - 1.0 / y


class Slide(Valley):
    """E = -e^y: no minimum, and -∞ before long."""

    def energy(self, y):
        return -self.xp.sum(self.xp.exp(y), axis=-1)

    def slope(self, y):
        return -self.xp.exp(y)


class Kink(Valley):
    """E = 2 (0.3 - y) left of 0.3, y - 0.3 right of it, and level from 5 on: lowest at 0.3, where no slope is 0."""

    def energy(self, y):
        xp = self.xp
        return xp.sum(xp.where(y < 0.3, 2.0 * (0.3 - y), xp.minimum(y, 5.0) - 0.3), axis=-1)

    def slope(self, y):
        xp, one = self.xp, self.xp.ones_like(y)
        return xp.where(y < 0.3, -2.0 * one, xp.where(y < 5.0, one, 0.0 * one))


def fitted():
    """E(X, Y) = ½ ‖W Y + b - X‖² as a graph with parameters: lowest at the least-squares solution."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.Euclidean(), graph(xn.Linear(3, 5), y, name="linear"), x))
    return graph


def neural(width=6):
    """E(X, Y) = ½ ‖f(X) - g(Y)‖² + ½ ‖Y - V X‖² with two-layer nets f and g: smooth, and bounded below."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    f = graph(xn.Cascade(xn.Linear(3, width), xn.Tanh(), xn.Linear(width, 4)), x, name="f")
    g = graph(xn.Cascade(xn.Linear(2, width), xn.Tanh(), xn.Linear(width, 4)), y, name="g")
    near = graph(xn.Euclidean(), graph(xn.Linear(3, 2), x, name="v"), y)
    graph.output("energy", graph(xn.Plus(), graph(xn.Euclidean(), f, g), near))
    return graph
