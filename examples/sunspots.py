"""Sunspots, one year ahead, from the twelve years before: a time-delay net beside the linear model.

    python examples/sunspots.py                       # ten seeds; table, and the picture sunspots.png
    python examples/sunspots.py --seeds 1 --steps 200 --picture ''
    python examples/sunspots.py --validate            # learns to 1815, 1850, 1885, judged by the 35 years after

The net sees the whole series as one sequence: a convolution over time with a window of twelve years, a layer of
sigmoids, and a linear output at every year. Its energy is the squared error of all forecasts. Reported is the average
relative variance: the mean squared error over the variance of the series from 1700 to 1979. The data are read from
XPNET_DATA/sunspots.
"""

import argparse
from dataclasses import dataclass

import numpy as np

import xpnet as xn
from xpnet.data.sunspots import load_sunspots, windows

LAGS = 12
VALIDATION = 1815, 1850, 1885  # the last years that are learned from when hyper-parameters are chosen
PERIODS = {"1712-1920": (1712, 1920), "1921-1955": (1921, 1955), "1956-1979": (1956, 1979)}
PUBLISHED = {
    "linear (Svarer, Hansen and Larsen 1993)": (0.132, 0.130, 0.37),
    "threshold autoregression (Tong and Lim 1980)": (0.097, 0.097, 0.28),
    "net with weight elimination (Weigend et al. 1990)": (0.082, 0.086, 0.35),
    "pruned net (Svarer, Hansen and Larsen 1993)": (0.090, 0.082, 0.35),
}


@dataclass(frozen=True)
class Series:
    """Years, sunspot numbers, and the last year that may be learned from."""

    years: np.ndarray
    values: np.ndarray
    last: int

    def scaled(self) -> tuple[np.ndarray, float, float]:
        """The numbers with zero mean and unit spread over the years that may be learned from, and both."""
        known = self.values[self.years <= self.last]
        mean, spread = float(known.mean()), float(known.std())
        return (self.values - mean) / spread, mean, spread


def linear_forecast(series: Series) -> np.ndarray:
    """Least squares on the last twelve values, a forecast for every year from the thirteenth on."""
    known, following = windows(series.values.astype(np.float64), LAGS)
    inputs = np.column_stack([known, np.ones(len(known))])
    learned = series.years[LAGS:] <= series.last
    weights, *_ = np.linalg.lstsq(inputs[learned], following[learned])
    return inputs @ weights


def time_delay_net(hidden: int, direct: bool) -> xn.Graph:
    """Every window of twelve years to sigmoids, and these to the forecast; direct: the window, too."""
    graph = xn.Graph()
    series = graph.input("series")
    forecast = graph(xn.Convolution(hidden, 1, 1), graph(xn.Tanh(), graph(xn.Convolution(1, hidden, LAGS), series)))
    if direct:
        forecast = graph(xn.Plus(), forecast, graph(xn.Convolution(1, 1, LAGS, bias=False), series))
    graph.output("forecast", forecast)
    return graph


def net_forecast(series: Series, seed: int, arguments: argparse.Namespace, direct: bool = False) -> np.ndarray:
    """The forecasts of a time-delay net after learning."""
    net = time_delay_net(arguments.hidden, direct)
    cost = xn.Euclidean()
    backend = xn.get_backend()
    store = xn.ParameterStore(net, backend, seed)
    cost.bind(backend)
    scaled, mean, spread = series.scaled()
    sequence = backend.asarray(scaled[:-1, None])
    count = int((series.years[LAGS:] <= series.last).sum())
    known = xn.State(sequence[: count + LAGS - 1, ...], fixed=True)
    desired = xn.State(backend.asarray(scaled[LAGS : LAGS + count, None]), fixed=True)
    forecast, energy = xn.State(), xn.State()
    for step in range(arguments.steps):
        net.fprop(known, forecast)
        cost.fprop(forecast, desired, energy)
        energy.accumulate(backend.ones((count,)) / count)
        cost.bprop(forecast, desired, energy)
        net.bprop(known, forecast)
        rate = arguments.learning_rate / (1 + 4 * step / arguments.steps)
        xn.Sgd(rate, weight_decay=arguments.weight_decay, inertia=0.9).update(store)
    net.fprop(xn.State(sequence, fixed=True), forecast)
    return backend.to_numpy(forecast.x)[:, 0].astype(np.float64) * spread + mean


def relative_variance(series: Series, forecast: np.ndarray, first: int, last: int) -> float:
    """Mean squared error of the years first … last over the variance of 1700 to 1979."""
    years = series.years[LAGS:]
    squares = (forecast - series.values[LAGS:].astype(np.float64)) ** 2
    scale = series.values[series.years <= 1979].astype(np.float64).var()
    return float(squares[(first <= years) & (years <= last)].mean() / scale)


def table(rows: dict[str, np.ndarray]) -> str:
    """One line for each model: mean and standard deviation for each period."""
    lines = [f"| model | {' | '.join(PERIODS)} |", "|---|" + "---|" * len(PERIODS)]
    lines += [f"| {name} | {' | '.join(map(spread, values.T))} |" for name, values in rows.items()]
    return "\n".join(lines)


def spread(values: np.ndarray) -> str:
    """Mean and standard deviation; a single value alone."""
    deviation = f" ± {values.std(ddof=1):.3f}" if len(values) > 1 else ""
    return f"{values.mean():.3f}{deviation}"


def draw(path: str, series: Series, linear: np.ndarray, net: np.ndarray) -> None:
    """What came, and what was forecast a year before."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    years = series.years[LAGS:]
    axes.plot(years, series.values[LAGS:], "k-", linewidth=1, label="sunspots")
    axes.plot(years, net, "-", linewidth=1, label="time-delay net")
    axes.plot(years, linear, ":", linewidth=1, label="linear")
    axes.axvspan(1920.5, years[-1] + 0.5, color="0.93", label="not learned from")
    axes.set_xlim(1850, years[-1])
    axes.set_xlabel("year")
    axes.set_ylabel("sunspot number, forecast a year ahead")
    axes.set_ylim(0, 220)
    axes.legend(loc="upper left", ncols=4)
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--hidden", type=int, default=8)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--learning-rate", type=float, default=0.2)
    parser.add_argument("--weight-decay", type=float, default=0.02)
    parser.add_argument("--validate", action="store_true", help="stay within the years up to 1920")
    parser.add_argument("--picture", default="sunspots.png", help="where to draw; empty for nowhere")
    arguments = parser.parse_args()
    years, values = load_sunspots()
    if arguments.validate:
        print(validation(years, values, arguments))
        return
    series = Series(years, values, 1920)
    linear, *nets = forecasts(series, arguments)
    print(report(series, linear, *nets))
    if arguments.picture:
        draw(arguments.picture, series, linear[0], nets[0][0])


def forecasts(series: Series, arguments: argparse.Namespace) -> list[list[np.ndarray]]:
    """The linear model's, the nets', and those of nets with direct wires; the last two with every seed."""
    seeds = range(arguments.seeds)
    nets = [[net_forecast(series, seed, arguments, direct) for seed in seeds] for direct in (False, True)]
    return [[linear_forecast(series)], *nets]


def validation(years: np.ndarray, values: np.ndarray, arguments: argparse.Namespace) -> str:
    """How all three do on the 35 years after those learned from, none of them after 1920."""
    judged = []
    for last in VALIDATION:
        series = Series(years, values, last)
        models = forecasts(series, arguments)
        judged.append([np.mean([relative_variance(series, f, last + 1, last + 35) for f in model]) for model in models])
    linear, net, direct = np.mean(judged, axis=0)
    when = ", ".join(map(str, VALIDATION))
    return f"35 years after {when}: linear {linear:.3f}, time-delay net {net:.3f}, with direct wires {direct:.3f}"


def report(series: Series, *models: list[np.ndarray]) -> str:
    """The table of ours and of the published."""
    names = "linear, 12 lags (ours)", "time-delay net (ours)", "the same with direct wires (ours)"
    rows = {
        name: np.asarray([[relative_variance(series, f, *span) for span in PERIODS.values()] for f in model])
        for name, model in zip(names, models, strict=True)
    }
    return table(rows | {name: np.asarray([published]) for name, published in PUBLISHED.items()})


if __name__ == "__main__":
    main()
