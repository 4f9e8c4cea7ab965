import pytest

from xpnet.training.toml_lines import line_of

TEXT = """\
name = "x"

[data]
source = "digits"   # a comment

[[machine.modules]]
module = "Linear"
[[machine.modules]]
module = "Tanh"

[training]
  epochs = 3
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("name",), 1),
        (("data",), 3),
        (("data", "source"), 4),
        (("data", "absent"), 3),
        (("machine", "modules", 1, "module"), 9),
        (("machine", "modules", 0), 6),
        (("training", "epochs"), 12),
        (("cost",), None),
        ((), None),
    ],
)
def test_the_deepest_known_place(place, line):
    assert line_of(TEXT, place) == line


def test_inline_tables_one_per_line():
    text = "[machine]\nmodules = [\n  { module = 'A' },\n  # a comment\n  { module = 'B', x = 1 },\n]\n"
    assert [line_of(text, ("machine", "modules", k)) for k in (0, 1)] == [3, 5]
