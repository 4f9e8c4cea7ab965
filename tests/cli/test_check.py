import pytest


@pytest.mark.parametrize(
    "arguments",
    [
        ("Linear", "in_features=3", "out_features=2"),
        ("Euclidean", "--input", "4", "--input", "4"),
        ("Tanh", "--input", "2x3"),
        ("LogLoss", "--input", "4", "--input", "scalar", "--draw", "positive", "--draw", "integers:4"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_right_module_gets_a_table(xpnet, arguments):
    shown = xpnet("check", *arguments)
    assert shown.code == 0
    assert "bprop is derivative" in shown.out
    assert "keeps its contract on NumpyBackend(device='cpu', dtype='float32')" in shown.out


def test_the_backend_in_force_is_checked(xpnet, monkeypatch):
    monkeypatch.setenv("XPNET_BACKEND", "strict")
    assert "keeps its contract on StrictBackend" in xpnet("check", "Tanh").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Euclidean", "--input", "4"), "Euclidean() has 2 inputs; got 1: give --input once per input"),
        (("Tanh", "--draw", "normal", "--draw", "normal"), "got 2: give --draw once per input, or leave it out"),
        (
            ("Linear", "in_features=3", "out_features=2", "--input", "4"),
            "does not take inputs of shape (4,): Linear expects",
        ),
        (("Select", "--input", "2", "--input", "scalar", "--draw", "normal", "--draw", "normal"), "expects integers"),
    ],
)
def test_inputs_that_do_not_fit_are_told_once(xpnet, arguments, told):
    shown = xpnet("check", *arguments)
    assert (shown.code, shown.err.count("\n")) == (65, 1)
    assert told in shown.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Tanh", "--draw", "postive"), "--draw 'postive' is unknown; did you mean 'positive'?"),
        (("Linar",), "unknown module 'Linar'; did you mean 'Linear'?"),
        (("Linear", "in_feature=3"), "Linear: unknown key 'in_feature'; did you mean 'in_features'?"),
        (("Linear", "in_features=x", "out_features=2"), "'in_features' must be an integer; got 'x'"),
        (("Tanh", "oops"), "'oops' is not NAME=VALUE; write for example in_features=3"),
        (("Tanh", "--input", "4x"), "--input '4x' is no shape; write for example 5, 7x2 or scalar"),
    ],
)
def test_what_cannot_be_checked(xpnet, arguments, told):
    shown = xpnet("check", *arguments)
    assert shown.code == 64
    assert told in shown.err


def test_without_a_module_the_backend_is_checked(xpnet):
    shown = xpnet("check", "--backend", "strict", "--device", "device1", "--dtype", "float64")
    assert shown.code == 0
    assert "sorting is stable" in shown.out
    assert "machines learn as in float64" in shown.out
    told = "StrictBackend(device='device1', dtype='float64') keeps its contract: "
    assert int(shown.out.partition(told)[2].partition(" comparisons")[0]) > 1000


def test_a_broken_backend_is_told_with_its_exit_code(xpnet, monkeypatch):
    from xpnet_strict import StrictBackend

    monkeypatch.setattr(StrictBackend, "synchronize", lambda self: "done")
    shown = xpnet("check", "--backend", "strict")
    assert shown.code == 1
    assert "work is done when waited for: synchronize(): expected None; got 'done'. Remedy: Wait in" in shown.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--backend", "nunpy"), "unknown backend 'nunpy'; did you mean 'numpy'?"),
        (("--input", "4"), "--input and --draw are of a module's inputs; got 4 and no module"),
        (("--backend", "strict", "--device", "device9"), "backend 'strict' has no device 'device9'"),
    ],
)
def test_a_backend_that_cannot_be_checked(xpnet, arguments, told):
    shown = xpnet("check", *arguments)
    assert shown.code == 64
    assert told in shown.err
