"""Lengths are counted without docstrings, and limits are kept."""


def test_a_function_is_as_long_as_its_body(monkeypatch, tmp_path):
    import sizes

    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    path = tmp_path / "one.py"
    path.write_text('def f(\n    x,\n):\n    """Two\n    lines."""\n    y = x\n    return y\n')
    assert list(sizes.functions(path)) == [sizes.Length("one.py:1 f", 2)]


def test_too_long_a_file_or_function_fails(monkeypatch, tmp_path, capsys):
    import sizes

    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    (tmp_path / "xpnet").mkdir()
    (tmp_path / "xpnet" / "fine.py").write_text("x = 1\n")
    assert sizes.main() == 0
    (tmp_path / "xpnet" / "long.py").write_text("def f():\n" + "    x = 1\n" * 301)
    assert sizes.main() == 1
    said = capsys.readouterr().out
    assert "too long: xpnet/long.py: 302 lines, limit 300" in said
    assert "too long: xpnet/long.py:1 f: 301 lines, limit 40" in said
