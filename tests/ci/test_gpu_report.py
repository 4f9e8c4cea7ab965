"""`ci/gpu`: one line where there is no GPU; sections, a page that survives, and exit codes where there is one."""

import sys
from pathlib import Path

import pytest

FACTS = {"device": "NVIDIA H100 80GB HBM3", "driver": "for CUDA 13.0"}


@pytest.fixture
def session(monkeypatch, tmp_path):
    """session(argv, {name: Python}, ...) runs fake sections and gives exit code and page."""
    from gpu_session import device, main
    from gpu_session.sections import Section

    monkeypatch.setattr(main, "ROOT", tmp_path)
    monkeypatch.setattr(main, "commit", lambda: "abc1234")

    def run(argv, codes, *, facts=FACTS, missing=None, tests=(), tables=(), libraries=()):
        def sections(_, logs, arguments, __):
            return [
                Section(
                    name, f"Part {name}", dict(libraries).get(name, "cupy"), (sys.executable, "-c", code),
                    tests=name in tests, table=logs / f"{name}.md" if name in tables else None,
                )
                for name, code in codes.items()
            ]  # fmt: skip

        monkeypatch.setattr(main, "sections", sections)
        monkeypatch.setattr(device, "look", lambda *_: device.Found(facts, missing or {}))
        code = main.main(argv)
        pages = sorted((tmp_path / "docs" / "gpu").glob("*.md"), key=lambda path: path.stat().st_mtime_ns)
        return code, pages[-1].read_text() if pages else ""

    return run


def test_without_a_gpu_it_says_so_in_one_line_and_succeeds(session, capsys):
    reason = "backend 'cupy' cannot run here: no NVIDIA driver was found; install one"
    code, page = session([], {"a": "raise SystemExit(3)"}, facts={}, missing={"cupy": reason, "torch": "none either"})
    assert (code, page) == (0, "")
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "nothing was run: backend 'cupy' cannot run here: no NVIDIA driver" in said


def test_sections_stand_on_one_dated_page_and_the_first_failure_is_the_exit_code(session, tmp_path):
    sections = {"a": "print('fine')", "b": "print('why'); raise SystemExit(3)", "c": "raise SystemExit(4)"}
    code, page = session([], sections)
    assert code == 3
    (path,) = (tmp_path / "docs" / "gpu").iterdir()
    assert path.name.endswith("-nvidia-h100-80gb-hbm3.md")
    assert page.startswith("# NVIDIA H100 80GB HBM3, 20")
    assert "- driver: for CUDA 13.0" in page
    assert page.index("## Part a\n\npassed, 0 s") < page.index("## Part b\n\nfailed (exit code 3)")
    assert "```\nfine\n```" in page
    assert "```\nwhy\n```" in page
    assert "| c | failed (exit code 4) |" in page
    assert "commit abc1234" in page


def test_a_section_that_runs_again_replaces_its_old_result_and_leaves_the_others(session):
    session([], {"a": "print('one')", "b": "raise SystemExit(3)", "c": "print('three')"})
    code, page = session(["--only", "b"], {"a": "print('new')", "b": "print('two')", "c": "print('new')"})
    assert code == 0
    assert [page.index(f"```\n{word}\n```") for word in ("one", "two", "three")] == sorted(
        page.index(f"```\n{word}\n```") for word in ("one", "two", "three")
    )
    assert "new" not in page.replace("new\\n", "")
    assert "exit code 3" not in page
    assert page.count("## Part") == 3


def test_a_section_may_be_named_by_the_part_before_its_dot(session):
    code, page = session(["--only", "bench"], {"a": "", "bench.x": "", "bench.y": ""})
    assert code == 0
    assert "## Part bench.x" in page
    assert "## Part a" not in page


def test_an_unknown_section_is_refused(session, capsys):
    code, page = session(["--only", "nonsense"], {"a": ""})
    assert (code, page) == (2, "")
    assert "no section 'nonsense'; known: a" in capsys.readouterr().out


def test_another_driver_gets_a_page_of_its_own(session, tmp_path):
    session([], {"a": "print('old driver')"})
    _, page = session([], {"a": "print('new driver')"}, facts=FACTS | {"driver": "for CUDA 13.2"})
    assert "old driver" not in page
    assert "new driver" in page
    names = sorted(path.name for path in (tmp_path / "docs" / "gpu").iterdir())
    assert len(names) == 2
    assert any(name.endswith("-2.md") for name in names)


def test_a_section_that_hangs_is_ended_and_reported(session):
    hanging = "import time; print('begun', flush=True); time.sleep(60)"
    code, page = session(["--limit", "0.02"], {"a": hanging, "b": "print('after')"})
    assert code == 124
    assert "## Part a\n\nended by its time limit, " in page
    assert "begun" in page
    assert "```\nafter\n```" in page


def test_a_table_survives_the_end_of_its_section(session, tmp_path):
    table = tmp_path / "build" / "gpu" / "a.md"
    table.parent.mkdir(parents=True)
    table.write_text("old rows")
    text = "# Performance\n\n<!-- ci/bench: begin -->\n\n| batch 1 | 10.0 |\n\n<!-- ci/bench: end -->\n"
    code = f"import pathlib, time; assert not pathlib.Path({str(table)!r}).exists(); "
    code += f"pathlib.Path({str(table)!r}).write_text({text!r}); time.sleep(60)"
    result, page = session(["--limit", "0.02"], {"a": code}, tables=["a"])
    assert result == 124
    assert "\n\n| batch 1 | 10.0 |\n<!-- end -->" in page


def test_the_page_knows_of_a_section_while_it_runs(session, monkeypatch, tmp_path):
    from gpu_session import running

    monkeypatch.setattr(running, "TICK", 0.2)
    seen = tmp_path / "seen"
    code = f"import pathlib, time; time.sleep(1); p = next(pathlib.Path({str(tmp_path)!r}).glob('docs/gpu/*.md')); "
    code += f"pathlib.Path({str(seen)!r}).write_text(p.read_text())"
    _, page = session([], {"a": f"print('x.py::t PASSED', flush=True); {code}"}, tests=["a"])
    assert "## Part a\n\ndid not end, 1 passed, " in seen.read_text()
    assert "## Part a\n\npassed, 1 passed, " in page


def test_what_has_passed_is_left_out_when_a_session_is_resumed(session, capsys):
    session([], {"a": "print('first')", "b": "raise SystemExit(3)"})
    code, page = session(["--resume"], {"a": "print('again')", "b": "print('mended')"})
    assert code == 0
    assert "first" in page
    assert "mended" in page
    assert "a: passed before" in capsys.readouterr().out
    _, page = session(["--resume", "--quick"], {"a": "print('quick one')", "b": ""})  # another kind of result
    assert "quick one" in page
    assert ", commit abc1234, quick\n" in page


def test_all_sections_together_end_in_time(session, capsys):
    code, page = session(["--within", "0.02"], {"a": "import time; time.sleep(60)", "b": ""})
    assert code == 124
    assert "## Part b" not in page
    assert "b: not begun, the time is over" in capsys.readouterr().out


def test_a_library_that_cannot_use_the_gpu_is_left_out(session, capsys):
    sections = {"a": "raise SystemExit(3)", "t": "print('on torch')"}
    code, page = session([], sections, missing={"cupy": "not installed"}, libraries={"t": "torch"})
    assert code == 0
    assert "on torch" in page
    assert "## Part a" not in page
    assert "a: left out: not installed" in capsys.readouterr().out


def test_failures_and_tests_that_hang_are_named(session):
    output = "t.py::one PASSED [ 50%]\nt.py::two FAILED [ 75%]\nt.py::three "
    hanging = f"import time; print({output!r}, end='', flush=True); time.sleep(60)"
    _, page = session(["--limit", "0.02"], {"a": hanging}, tests=["a"])
    assert "ended by its time limit, 1 passed, 1 failed" in page
    assert "```\nFAILED t.py::two\nNEVER ENDED t.py::three\n```" in page


def test_pytest_that_cannot_begin_shows_its_last_words(session):
    _, page = session([], {"a": "print('ImportError: no such thing'); raise SystemExit(4)"}, tests=["a"])
    assert "failed (exit code 4), no test" in page
    assert "ImportError: no such thing" in page


def test_a_folder_of_ones_own_takes_up_the_page_that_was_begun(session, tmp_path):
    session([], {"a": "print('before')", "b": ""})
    elsewhere = tmp_path / "out"
    session(["--only", "b", "--folder", str(elsewhere)], {"a": "", "b": "print('after')"})
    (path,) = elsewhere.glob("*.md")
    assert "before" in path.read_text()
    assert "after" in path.read_text()
    assert (elsewhere / "logs" / "b.log").read_text() == "after\n"


def test_sections_may_be_listed_without_a_gpu(session, capsys):
    code, page = session(["--list"], {"a": "raise SystemExit(3)"}, facts={})
    assert (code, page) == (0, "")
    assert capsys.readouterr().out.split() == ["a", "Part", "a"]


def test_looking_for_a_device_survives_a_crash(tmp_path, monkeypatch):
    from gpu_session import device

    def crashed(command, log, **_):
        from gpu_session.running import Ran

        assert command[-1] == "gpu_session.device"
        return Ran(139, 1.0, "loading\nCUDA is in a bad mood")

    monkeypatch.setattr(device, "run", crashed)
    found = device.look(tmp_path, tmp_path / "log")
    assert found.facts == {}
    assert found.missing["cupy"] == "looking for a device failed with exit code 139: CUDA is in a bad mood"


def test_each_library_says_why_it_cannot_use_a_gpu(monkeypatch):
    from gpu_session import device

    def refuse():
        msg = "no device\nand more"
        raise RuntimeError(msg)

    monkeypatch.setattr(device, "_by_cupy", refuse)
    monkeypatch.setattr(device, "_by_torch", lambda: {"device": "Card"})
    found = device.found()
    assert found.missing == {"cupy": "no device"}
    assert (found.facts["device"], "NumPy" in found.facts) == ("Card", True)
    monkeypatch.setattr(device, "_by_torch", refuse)
    assert device.found().facts == {}


def test_the_commit_is_told_where_there_is_one(monkeypatch, tmp_path):
    from gpu_session import main

    monkeypatch.setattr(main, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path(tmp_path).parent))
    assert main.commit() == "unknown"
