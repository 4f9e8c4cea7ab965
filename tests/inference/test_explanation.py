"""The table of what runs once, for each sample, for each label, or for each pair of them."""

import numpy as np
import pattern_cases
from label_cases import joint, net

import xpnet as xn
from xpnet.inference.explanation import COUNTS
from xpnet.inference.relaxation import Relaxation

JOINT = """\
box                 module                      depends on     replicas
----------------------------------------------------------------------------------------------------------------
machine.cascade1.0  Linear(5, 7)                sample         B
machine.cascade1.1  Tanh()                      sample         B
machine.linear1     Linear(4, 3)                label          K
machine.linear2     SplitLinear(Linear(10, 6))  sample, label  B × K     a sum of 2 products, before replication
machine.tanh1       Tanh()                      sample, label  B × K
machine.linear3     Linear(6, 2)                sample, label  B × K
machine.sum1        Sum()                       sample, label  B × K
label sets whose energies exceed 2 KiB pass in tiles"""


def rows_of(trainer):
    return {row.name: row for row in trainer.explain().rows}


def test_the_table_of_an_energy_machine(numpy64):
    trainer = xn.Trainer(joint(), memory=2048)
    assert str(trainer.explain()) == JOINT
    trainer.run(np.ones((2, 5)), np.ones((3, 4)))
    assert str(trainer.explain()) == JOINT


def test_a_cost_that_is_a_product_is_told(numpy64):
    rows = xn.SimpleTrainer(net(), xn.Euclidean()).explain().rows
    assert [(row.name, row.depends_on, row.note) for row in rows] == [
        ("machine.0", ("sample",), ""),
        ("machine.1", ("sample",), ""),
        ("machine.2", ("sample",), ""),
        ("cost", ("sample", "label"), "all pairs by one product"),
    ]


def test_every_pattern_of_dependence(numpy64):
    trainer = xn.Trainer(pattern_cases.machine(pattern_cases.PATTERNS), latent=xn.Logsum())
    rows = rows_of(trainer)
    names = {"x": "sample", "y": "label", "z": "latent"}
    for pattern in pattern_cases.PATTERNS:
        row = rows[f"machine.linear_{pattern}"]
        assert row.depends_on == tuple(names[letter] for letter in pattern)
        assert row.replicas == (" × ".join(COUNTS[names[letter]] for letter in pattern) or "once")
        # A code of its own stands beside the inputs, and is multiplied once.
        assert row.note == ("" if not pattern else f"a sum of {1 + len(pattern)} products, before replication")
        assert rows[f"machine.code_{pattern}"].cells[2:4] == ("nothing", "once")
    assert rows["latent_eliminated"].replicas == "B × K × M"


def test_what_depends_on_the_label_comes_last(numpy64):
    for trainer in (xn.Trainer(joint()), xn.Trainer(pattern_cases.machine(pattern_cases.PATTERNS), latent=xn.Min())):
        late = ["label" in row.depends_on for row in trainer.explain().rows]
        assert late == sorted(late)


def test_a_discriminant_machine_has_no_labels(numpy64):
    assert [row.replicas for row in xn.Trainer(net()).explain().rows] == ["B", "B", "B"]


def test_a_latent_value_that_is_searched_is_another_one_for_each_pair(numpy64):
    graph = xn.Graph()
    x, y, z = (graph.input(name) for name in "xyz")
    moved = graph(xn.Plus(), graph(xn.Linear(3, 2), x), z)
    graph.output("energy", graph(xn.Plus(), graph(xn.Euclidean(), moved, y), graph(xn.modules.Sum(), z)))
    rows = rows_of(xn.Trainer(graph, latent=Relaxation(np.zeros(2))))
    assert rows["machine.linear1"].cells[2:] == ("sample", "B", "")
    plus = rows["machine.plus1"]
    assert (plus.depends_on, plus.note) == (("sample", "label", "latent"), "in each step of the descent")
    assert plus.replicas == "B × K"


def test_long_modules_are_named_only(numpy64):
    machine = xn.Cascade(xn.modules.ImageConvolution(3, 2, kernel=2, connections=[(2, 0), (0, 1), (2, 1)]))
    cells = [row.module for row in xn.Trainer(machine, xn.Euclidean()).explain().rows]
    assert cells[0] == "ImageConvolution"
    assert max(map(len, cells)) <= 48


def test_only_splits_that_run_are_shown(numpy64):
    graph = xn.Graph()
    x = graph.input("x")
    constant = graph(xn.modules.Given([1.0, 2.0]))
    graph.output("y", graph(xn.Linear(5, 2), graph(xn.Concatenate(), x, constant)))
    trainer = xn.Trainer(graph, xn.Euclidean())
    shown = {row.name: row.module for row in trainer.explain().rows}
    runs = {box.name: type(box.module).__name__ for box in trainer.function.early.plan().boxes}
    assert all(shown[name].startswith(module) for name, module in runs.items())
    np.testing.assert_allclose(trainer.run(np.ones((2, 3)), np.eye(2))[1].shape, (2, 2))
