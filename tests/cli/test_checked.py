import pytest

from xpnet.backend import get_backend
from xpnet.cli.checked import backend_table, check_itself, check_named, input_shapes, parse_shape
from xpnet.errors import ContractError, RecipeError
from xpnet.modules import MODULES, Bias, Concatenate, Euclidean, Linear, Tanh
from xpnet.testing.backend_report import BackendLine, BackendReport


@pytest.mark.parametrize(
    ("module", "shapes"),
    [
        (Linear(5, 2), [(5,)]),
        (Bias(4), [(4,)]),
        (Euclidean(), [(3,), (3,)]),
        (Concatenate(), [(3,), (3,)]),
        (Tanh(), [(3,)]),
    ],
)
def test_shapes_that_a_module_fixes(module, shapes):
    assert input_shapes(module) == shapes


def test_shapes_as_text():
    assert [parse_shape(text) for text in ("5", "7x2", "scalar")] == [(5,), (7, 2), ()]
    for text in ("", "x", "0", "3x", "-1", "2.5"):
        with pytest.raises(RecipeError, match="is no shape"):
            parse_shape(text)


def test_a_broken_module_is_told_with_its_exit_code(monkeypatch):
    class Wrong(Linear.__mro__[1]):
        def fprop(self, input, output):
            output.x = 2.0 * input.x

        def bprop(self, input, output):
            input.accumulate(3.0 * output.cotangent)

        def bbprop(self, input, output):
            input.accumulate_ddx(4.0 * output.curvature)

    monkeypatch.setitem(MODULES, "Wrong", Wrong)
    with pytest.raises(ContractError, match="breaks its contract") as caught:
        check_named("Wrong", (), (), get_backend("numpy"))
    assert caught.value.exit_code == 1


def test_a_backends_report_has_a_row_for_each_clause():
    lines = [BackendLine("one thing", 3, 1e-9, 0.5), BackendLine("another", 4, 0.0, 0.5)]
    table = backend_table(BackendReport("here", lines))
    assert [list(column.cells) for column in table.columns] == [["one thing", "another"], ["3", "4"], ["1e-09", "0"]]


def test_inputs_without_a_module_are_refused():
    with pytest.raises(RecipeError, match="got 4, normal and no module"):
        check_itself(get_backend("numpy"), ["4", "normal"])
