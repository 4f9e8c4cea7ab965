"""README's Python runs, and prints what README says it prints."""

import contextlib
import io
import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


@pytest.fixture(scope="module")
def text():
    return README.read_text(encoding="utf-8")


def test_the_example_prints_what_is_shown(text, monkeypatch):
    monkeypatch.delenv("XPNET_BACKEND", raising=False)
    monkeypatch.delenv("XPNET_DTYPE", raising=False)
    code, shown = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL).groups()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    assert printed.getvalue() == shown


def test_the_large_label_set_learns_and_answers(text):
    first, large = (re.search(rf"```python\n({start}.*?)```", text, re.DOTALL)[1] for start in ("import", "net ="))
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(first + large, "README.md", "exec"), names)  # noqa: S102
    assert names["answers"].top.shape == (256, 5)
    assert 0 < float(names["loss"]) < 100


def test_the_module_of_ones_own_keeps_the_contract(text):
    code = re.search(r"```python\n(class Square.*?)```", text, re.DOTALL).group(1)
    exec(compile("import xpnet as xn\n" + code, "README.md", "exec"), {})  # noqa: S102


def test_the_page_is_short_enough_to_read(text):
    assert len(text.splitlines()) <= 150


def test_every_file_that_is_linked_exists(text):
    links = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []
