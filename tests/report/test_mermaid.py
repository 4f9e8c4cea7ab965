import pytest

from xpnet.machines import Cascade, Graph
from xpnet.modules import Euclidean, Linear, Plus, Tanh
from xpnet.report.mermaid import mermaid


def _edges(text):
    return [line.strip() for line in text.splitlines() if "-->" in line]


def test_a_cascade_is_a_line():
    text = mermaid(Cascade(Linear(2, 3), Tanh()), Euclidean())
    assert text.startswith("flowchart LR\n")
    assert '    b0["0: Linear(2, 3)"]\n' in text
    assert _edges(text) == ["sample --> b0", "b0 --> b1", "b1 --> cost", "label --> cost", "cost --> energy"]


def test_a_graph_shows_every_wire():
    graph = Graph()
    x = graph.input("x")
    hidden = graph(Tanh(), x)
    graph.output("y", graph(Plus(), hidden, x))
    edges = _edges(mermaid(graph, Euclidean()))
    assert sorted(edges[:4]) == ["b0 --> b1", "b1 --> cost", "sample --> b0", "sample --> b1"]


@pytest.mark.parametrize("module", [Tanh(), Linear(2, 2)])
def test_a_single_module_is_one_box(module):
    assert _edges(mermaid(module, Euclidean()))[:2] == ["sample --> machine", "machine --> cost"]


def test_quotes_are_escaped():
    class Quoted(Tanh.__mro__[1]):
        fprop = bprop = bbprop = None

        def __repr__(self):
            return 'Q("x")'

    assert 'machine["Q(#quot;x#quot;)"]' in mermaid(Quoted(), Euclidean())


def test_without_a_cost_the_machine_gives_the_energies_of_all_labels():
    text = mermaid(Cascade(Linear(2, 3), Tanh()), None)
    assert '    energies(["energies of all labels"])\n' in text
    assert _edges(text) == ["sample --> b0", "b0 --> b1", "b1 --> energies"]
    assert _edges(mermaid(Linear(2, 3), None)) == ["sample --> machine", "machine --> energies"]
