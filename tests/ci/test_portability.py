"""The same numbers: the check agrees where backends do, and fails where one of them computes something else."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
from xpnet_numpy import NumpyBackend

import xpnet as xn
from xpnet.backend import OpsTable

OWN_DATA = ("cascade", "graph", "softmax-log", "nn-rbf", "transform", "shared", "tied", "convolution", "diag-lm")
MACHINES = (
    "cascade", "label-set", "graph", "negatives", "switch", "branch-plus", "softmax-log", "cross-entropy", "logsum",
    "min", "junk", "rbf", "nn-rbf", "transform", "shared", "tied", "experts", "tdnn", "convolution", "recurrent", "crf",
    "viterbi", "lookup", "diag-lm",
)  # fmt: skip


def machine(name):
    from portability_table.machines import MACHINES

    return next(each for each in MACHINES if each.name == name)


def row_of(name, places, updates=5):
    from portability_table.session import Row, steps

    row = Row(machine(name))
    assert list(steps(row, places, updates))
    return row


def test_the_table_has_every_machine():
    from portability_table.machines import MACHINES as TABLE

    assert tuple(each.name for each in TABLE) == MACHINES


@pytest.mark.parametrize("name", ["cascade", "graph", "softmax-log", "tied", "diag-lm"])
def test_backends_give_the_same_numbers(name):
    from portability_table.places import PLACES

    places = [place for place in PLACES if place.name in ("numpy", "strict")]
    row = row_of(name, places)
    assert row.problems == []
    assert set(row.found) == set(places)
    assert 1e-8 < row.drift < 1e-5
    assert max(row.found[places[0]].values()) == 0  # the layout of the store changes no bit
    single = [max(found.values()) for place, found in row.found.items() if place.dtype == "float32"]
    assert all(1e-8 < found < 1e-5 for found in single)  # float32 is float32


@pytest.mark.parametrize("name", MACHINES)
def test_every_machine_learns(name, request):
    from portability_table.places import ORACLE

    if name not in OWN_DATA:
        request.getfixturevalue("data_folder")
    course = machine(name).make(ORACLE.open())
    losses = [float(course.trainer.learn_sample(**course.step(update))) for update in range(60)]
    assert sum(losses[-10:]) < 0.97 * sum(losses[:10])


@pytest.mark.parametrize("name", OWN_DATA)
def test_first_values_are_the_same_everywhere(name):
    from portability_table.places import ORACLE, Place

    wanted, found = (
        machine(name).make(place.open()).store.state_dict() for place in (ORACLE, Place("strict", "device1", "float64"))
    )
    assert wanted.keys() == found.keys()
    if name != "nn-rbf":  # its prototypes are means of clusters, which a backend computes
        assert all(np.array_equal(found[key], value) for key, value in wanted.items())


# --- it can fail ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """NumPy, but for one primitive, whose result is scaled."""

    op: str
    factor: float
    dtype: str
    name: str = "wrong"

    def open(self):
        from portability_table.places import Home

        class WrongBackend(NumpyBackend):
            name = "wrong"

        backend = WrongBackend(dtype=self.dtype)
        right = getattr(backend.ops, self.op)
        table = {name: op for name, op in vars(backend.ops).items() if name != "accelerated"}
        table[self.op] = lambda *args, **named: scaled(right(*args, **named), self.factor)
        backend.ops = OpsTable(table)
        return Home(backend)


def scaled(result, factor):
    return tuple(part * factor for part in result) if isinstance(result, tuple) else result * factor


@pytest.mark.parametrize(
    ("op", "factor", "dtype", "kind"),
    [
        ("linear", 1 + 1e-11, "float64", "x"),
        ("linear_vjp_weight", 1 + 1e-11, "float64", "parameters"),
        ("linear_squared_vjp_weight", 1 + 1e-11, "float64", "ddx"),
        ("linear", 1 + 5e-5, "float32", "x"),
        ("linear_vjp_weight", 1 + 5e-5, "float32", "dx"),
        ("linear", float("nan"), "float64", ""),
    ],
)
def test_a_wrong_primitive_is_found(op, factor, dtype, kind):
    row = row_of("diag-lm", [Wrong(op, factor, dtype)])
    told = "\n".join(row.problems)
    assert f": {kind} differs by" in told if kind else "NotFiniteError" in told


def test_only_second_derivatives_go_wrong_by_what_only_they_use():
    row = row_of("cascade", [Wrong("linear_squared_vjp_weight", 1 + 1e-11, "float64")])
    (problem,) = row.problems
    assert ": ddx differs by" in problem


def test_the_probe_is_what_the_trainer_answers_and_holds():
    from portability_table.passes import learn, numbers
    from portability_table.places import ORACLE

    course = machine("cascade").make(ORACLE.open())
    learn(course, 3)
    found = numbers(course)
    sample, labels = course.given
    _, energies = course.trainer.run(sample[:, 0, :], labels)
    np.testing.assert_array_equal(found["x"]["output 0"], energies)
    assert found["parameters"].keys() == set(course.store)
    ends = {"input 0", "input 1", *(f"parameter {name}" for name in course.store)}
    assert found["dx"].keys() == found["ddx"].keys() == ends
    assert all(np.any(value) for kind in ("dx", "ddx") for value in found[kind].values())
    assert found["dx"]["input 0"][0, 0, 20] == pytest.approx(slope(course, (0, 0, 20)), rel=1e-6)


def slope(course, place):
    """The derivative of the probe's weighted outputs along one number of its first input, by central differences."""
    from portability_table.passes import numbers, pattern

    ends = []
    for step in (1e-5, -1e-5):
        first, *others = course.given
        moved = first.copy()
        moved[place] += step
        output = numbers(replace(course, given=(moved, *others)))["x"]["output 0"]
        ends.append(float(np.sum(output * pattern(course.store.backend, output.shape))))
    return (ends[0] - ends[1]) / 2e-5


def test_a_right_primitive_is_not_complained_of():
    assert row_of("diag-lm", [Wrong("linear", 1.0, "float64"), Wrong("linear", 1.0, "float32")]).problems == []


def test_reduced_precision_is_not_the_same_number():
    pytest.importorskip("torch", reason="torch is not installed: it has reduced precision on the CPU")

    @dataclass(frozen=True)
    class Reduced:
        dtype: str = "float32"

        def open(self):
            from portability_table.places import Home

            return Home(xn.get_backend("torch", device="cpu", dtype="float32", precision="bfloat16"))

    assert len(row_of("cascade", [Reduced()]).problems) == 4


def test_the_exit_code_tells(monkeypatch, capsys, tmp_path):
    from portability_table import places, session
    from portability_table.arguments import parse

    arguments = ["--only", "tied", "--updates", "2", "--markdown", str(tmp_path / "p.md")]
    monkeypatch.setattr(session, "usable", lambda _: ([places.PLACES[0]], {}))
    assert session.run(parse(arguments)) == 0
    monkeypatch.setattr(session, "usable", lambda _: ([Wrong("linear", 1.01, "float32")], {"cupy": "no GPU"}))
    assert session.run(parse(arguments)) == 1
    shown = capsys.readouterr().out
    assert "1 machines, 2 updates at each of 1 places: all differences within their bounds" in shown
    assert "tied on Wrong" in shown
    assert "**too large**" in (tmp_path / "p.md").read_text()
    assert "not run on hardware: cupy: no GPU" in (tmp_path / "p.md").read_text()


def test_unknown_names_are_told(capsys):
    from portability_table.arguments import parse
    from portability_table.session import run

    assert run(parse(["--only", "cascda"])) == 2
    assert "no such name 'cascda'; did you mean 'cascade'?" in capsys.readouterr().err
    assert run(parse(["--backend", "nmupy"])) == 2


# --- parts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "wanted", "apart"),
    [
        ([1.0, 2.0], [1.0, 4.0], 0.5),
        ([0.0, 0.0], [0.0, 0.0], 0.0),
        ([1e-9, 0.0], [0.0, 0.0], np.inf),
        ([np.inf, 2.0], [np.inf, 2.0], 0.0),
        ([1.0, 2.0], [np.inf, 2.0], np.inf),
        ([np.nan, 2.0], [1.0, 2.0], np.inf),
        ([1.0], [1.0, 2.0], np.inf),
        (None, [1.0], np.inf),
    ],
)
def test_differences_are_relative_to_the_largest(found, wanted, apart):
    from portability_table.differences import difference

    assert difference(None if found is None else np.asarray(found), np.asarray(wanted)) == apart


def test_bounds_follow_the_drift_up_to_a_ceiling():
    from portability_table.bounds import CEILING, FLOOR, SLACK, bound

    assert bound(1e-6, "float32") == pytest.approx(SLACK * 1e-6)
    assert bound(1e-6, "float64") == pytest.approx(SLACK * 1e-6 / 2**29)
    assert bound(0.0, "float32") == SLACK * FLOOR
    assert (bound(1e9, "float32"), bound(1e9, "float64")) == (CEILING["float32"], CEILING["float64"])


def test_the_page_keeps_what_stands_around_the_table(tmp_path):
    from portability_table.page import BEGIN, END, write_between_markers

    path = tmp_path / "docs" / "p.md"
    write_between_markers(path, "first")
    path.write_text(path.read_text() + "\nafter\n")
    write_between_markers(path, "second")
    assert path.read_text() == f"# The same numbers\n\n{BEGIN}\n\nsecond\n\n{END}\n\nafter\n"


def test_absent_backends_are_named(monkeypatch):
    from portability_table import places

    from xpnet.errors import BackendUnavailable

    def get_backend(name, **named):
        if name in ("torch", "cupy"):
            msg = f"no {name} here"
            raise BackendUnavailable(msg)
        return get(name, **named)

    get = xn.get_backend
    monkeypatch.setattr(xn, "get_backend", get_backend)
    found, absent = places.usable(["numpy", "torch"])
    assert absent == {"torch": "no torch here"}
    assert {place.name for place in found} == {"numpy"}


def test_missing_data_leave_a_machine_out(monkeypatch, tmp_path, capsys):
    from portability_table import material
    from portability_table.arguments import parse
    from portability_table.session import run

    material.vowels.cache_clear()
    monkeypatch.setenv("XPNET_DATA", str(tmp_path))
    told = tmp_path / "numbers.json"
    asked = ["--only", "rbf", "--updates", "1", "--backend", "numpy"]
    assert run(parse(asked)) == 1  # nothing was compared
    assert run(parse([*asked, "--only", "tied", "--json", str(told)])) == 0
    assert "rbf: not trained: cannot read" in capsys.readouterr().out
    absent = {record["machine"]: record["absent"] for record in json.loads(told.read_text())}
    assert "cannot read" in absent["rbf"]
    assert absent["tied"] == ""


def test_help_teaches(capsys):
    from portability_table.arguments import parse

    with pytest.raises(SystemExit):
        parse(["--help"])
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("ddx", "drift", "exit code", "--only tdnn", *MACHINES))
