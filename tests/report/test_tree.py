import pytest
from rich.console import Console
from rich.tree import Tree

from xpnet.backend import get_backend
from xpnet.machines import Cascade
from xpnet.modules import Linear, Tanh
from xpnet.report.tree import assembly_tree, grow
from xpnet.training.assembly import assemble
from xpnet.training.recipe_file import check_recipe


@pytest.fixture
def show():
    def render(tree):
        console = Console(width=100, markup=False, highlight=False)
        with console.capture() as capture:
            console.print(tree)
        return [line.strip("│├─└ ") for line in capture.get().splitlines()]

    return render


def test_nested_modules_are_branches_with_their_parameters(show):
    root = Tree("root")
    grow(root, Cascade(Linear(2, 3), Cascade(Tanh())))
    assert show(root) == [
        "root",
        "Cascade",
        "0 Linear(2, 3)  weight (3, 2) = 6, bias (3,) = 3",
        "1 Cascade",
        "0 Tanh()",
    ]


def test_the_whole_recipe(show):
    document = {
        "name": "x",
        "data": {"source": "digits"},
        "machine": {"modules": [{"module": "Linear", "in_features": 2, "out_features": 2}]},
        "cost": {"module": "Euclidean"},
        "labels": {"codes": [[0.0, 1.0]]},
        "training": {"epochs": 1, "learning_rate": 0.1},
    }
    lines = show(assembly_tree(assemble(check_recipe(document, "test"), get_backend("numpy"), ("a",))))
    assert lines[0] == "x: 6 parameters"
    assert lines[-2:] == ["Euclidean()", "labels: 1, given codes of length 2"]


def test_a_loss_and_a_junk_category_are_shown(show):
    document = {
        "name": "x",
        "data": {"source": "digits"},
        "machine": {"modules": [{"module": "Linear", "in_features": 2, "out_features": 2}]},
        "loss": {"name": "HingeLoss", "margin": 2.0},
        "junk": {"label": "c", "trainable": True},
        "training": {"epochs": 1, "learning_rate": 0.1},
    }
    lines = show(assembly_tree(assemble(check_recipe(document, "test"), get_backend("numpy"), ("a", "b", "c"))))
    assert lines[0] == "x: 7 parameters"
    assert lines[-4:] == [
        "junk category: c",
        "Junk(energy=0.0, trainable=True)  energy () = 1",
        "loss: HingeLoss(margin=2.0)",
        "labels: 3, whose energies the machine gives",
    ]
