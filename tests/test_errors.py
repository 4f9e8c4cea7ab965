"""The tree of errors: one root, an exit code each, and messages that suggest the nearest name."""

import re

import pytest

from xpnet import errors

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.XpnetError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_drawn_in_the_tree_with_its_exit_code(kind):
    drawn = [line for line in errors.__doc__.splitlines() if re.search(rf"\b{kind.__name__}\b", line)]
    assert len(drawn) == 1
    assert kind is errors.XpnetError or str(kind.exit_code) in drawn[0].split()


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.ShapeError, ValueError),
        (errors.PlacementError, TypeError),
        (errors.NotFiniteError, ArithmeticError),
        (errors.BackendUnavailable, RuntimeError),
        (errors.BackendUnavailable, errors.BackendError),
        (errors.ContractError, AssertionError),
    ],
)
def test_errors_are_also_the_builtin_that_users_expect(kind, builtin):
    with pytest.raises(builtin, match="because"):
        raise kind("because")  # noqa: EM101


def test_the_nearest_name_is_suggested_and_all_are_listed():
    assert errors.nearest("linaer", ["linear", "tanh"]) == "did you mean 'linear'? known: linear, tanh"
    assert errors.nearest("zzz", ["linear"]) == "known: linear"
    assert errors.nearest("zzz", []) == "known: none"
    many = [f"a{k}" for k in range(10, 40)]
    assert errors.nearest("a7", many) == "did you mean 'a37'? nearest of 30: a37, a17, a27, a10, a11, a12, a13, a14"
    assert errors.nearest("zzz", map(str, range(30))).count(",") == 7
