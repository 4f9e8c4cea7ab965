"""The mutation script: makes the mutants it promises, and they are noticed."""

import ast

import pytest

FUNCTION = '''
def bprop(self, input, output):
    """A docstring with 1 + 1 in it."""
    dx = -self.beta * p * (dp - xp.sum(p * dp, axis=-1, keepdims=True))
    input.accumulate(dx)
    return dx
'''


def test_every_kind_of_change_is_made_once():
    from mutation.operators import mutants

    made = [change.partition("  =>  ")[2] for _, _, change in mutants(ast.parse(FUNCTION).body[0])]
    assert len(made) == len(set(made))
    right = "-self.beta * p * (dp - xp.sum(p * dp, axis=-1, keepdims=True))"
    for wrong in (
        right.removeprefix("-"),
        right.replace("dp - ", "dp + "),
        "-self.beta * p * dp",
        "-self.beta * p * -xp.sum(p * dp, axis=-1, keepdims=True)",
        "-self.beta * (dp - xp.sum(p * dp, axis=-1, keepdims=True))",
        right.replace("p * dp", "dp"),
        right.replace("axis=-1", "axis=0"),
        right.replace("keepdims=True", "keepdims=False"),
    ):
        assert f"dx = {wrong}" in made
    assert "pass" in made
    assert "return -dx" in made
    assert not any("docstring" in change for change in made)


def test_a_chained_comparison_loses_no_part():
    from mutation.operators import mutants

    chained = ast.parse("def f(a, b, c):\n    return a <= b < c").body[0]
    made = [change.partition("  =>  ")[2] for _, _, change in mutants(chained)]
    assert "return a > b < c" in made


def test_a_mutant_is_in_force_everywhere_and_only_for_a_while():
    from mutation.targets import in_force, mutants_of, targets

    import xpnet as xn

    (target,) = (each for each in targets("ops/pointwise") if each.name == "sigmoid_vjp")
    negated = next(each for each in mutants_of(target) if "return -" in each.change)
    ops = xn.get_backend("numpy", dtype="float64").ops
    right = ops.sigmoid_vjp(1.0, 0.25)
    with in_force(negated):
        assert ops.sigmoid_vjp(1.0, 0.25) == -right
    assert ops.sigmoid_vjp(1.0, 0.25) == right == 0.1875


@pytest.mark.parametrize("name", ["softmax", "concatenate"])
def test_no_mutant_of_a_bprop_goes_unnoticed(name, monkeypatch, capsys):
    import mutate
    from mutation.checks import checks

    monkeypatch.setenv("XPNET_ACCEL", "on")
    mine = [check for check in checks() if check.name.startswith(name)]
    monkeypatch.setattr(mutate, "checks", lambda: mine)
    assert mutate.main(["--only", f"modules/{name}.py"]) == 0
    assert " 0 unnoticed" in capsys.readouterr().out


def test_what_no_check_runs_through_fails_the_run(monkeypatch, capsys):
    import mutate
    from mutation.checks import Check

    monkeypatch.setattr(mutate, "checks", lambda: [Check("idle", lambda: None)])
    assert mutate.main(["--only", "modules/softmax"]) == 1
    assert "no check runs through xpnet/modules/softmax.py: Softmax.bprop" in capsys.readouterr().out


def test_a_survivor_fails_the_run(monkeypatch, capsys):
    import mutate
    from mutation.checks import Check

    import xpnet as xn

    def blind():  # runs the bprop and looks at nothing
        p = xn.State()
        xn.Softmax().fprop(x := xn.State(xn.get_backend().ones((3,))), p)
        p.accumulate(p.x)
        p.accumulate_ddx(p.x)
        xn.Softmax().bprop(x, p)
        xn.Softmax().bbprop(x, p)

    monkeypatch.setattr(mutate, "checks", lambda: [Check("blind", blind)])
    assert mutate.main(["--only", "modules/softmax"]) == 1
    assert "survived: xpnet/modules/softmax.py:" in capsys.readouterr().out


def test_a_check_that_fails_without_mutants_is_told_first():
    from mutation.checks import Check
    from mutation.runner import observed

    with pytest.raises(RuntimeError, match="broken fails on the unchanged code"):
        observed(Check("broken", lambda: 1 / 0))


def test_no_check_is_made_ready_before_it_is_needed(monkeypatch):
    import mutate
    from mutation.checks import Check

    ran = []
    needless = Check("of another file", lambda: ran.append(1), about="backends/")
    monkeypatch.setattr(mutate, "checks", lambda: [needless])
    assert mutate.main(["--only", "modules/softmax"]) == 1
    assert not ran


def test_what_a_mutant_leaves_behind_is_found(monkeypatch):
    import mutate
    from mutation.checks import Check

    import xpnet as xn

    dirt = []

    def spoilt():  # fails under the first mutant, and for ever after
        p = xn.State()
        xn.Softmax().fprop(x := xn.State(xn.get_backend().asarray([0.0, 1.0])), p)
        p.accumulate(p.x)
        xn.Softmax().bprop(x, p)
        if dirt or (x.dx is None or x.dx[0] > 0):
            dirt.append(1)
            raise AssertionError

    monkeypatch.setattr(mutate, "checks", lambda: [Check("spoilt", spoilt)])
    with pytest.raises(RuntimeError, match="spoilt fails on the unchanged code"):
        mutate.main(["--only", "modules/softmax"])


def test_arrays_of_a_frozen_trial_cannot_be_written():
    from contract_cases import Case
    from mutation.checks import Contract, accelerated

    import xpnet as xn

    contract = Contract(Case("linear", lambda: xn.Linear(3, 2), [(3,)]), "on")
    contract()
    trial = contract.trials[2]
    with pytest.raises(ValueError, match="read-only"):
        trial.cotangents[0][...] = 0.0
    with accelerated("on"):
        assert trial.expected_dx_at(trial.inputs) is trial.expected_dx_at(trial.inputs)
