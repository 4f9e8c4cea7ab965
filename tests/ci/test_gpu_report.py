"""`ci/gpu`: one line where there is no GPU; a page where there is one."""

import pytest

from xpnet.errors import BackendUnavailable


def test_without_a_gpu_it_says_so_in_one_line_and_succeeds(monkeypatch, capsys):
    import gpu_report

    def unavailable(_):
        msg = "backend 'cupy' cannot run here: no NVIDIA driver was found; install one"
        raise BackendUnavailable(msg)

    monkeypatch.setattr(gpu_report, "get_backend", unavailable)
    monkeypatch.setattr(gpu_report, "run_suite", lambda _: pytest.fail("the suite was run"))
    assert gpu_report.main([]) == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "nothing was run: backend 'cupy' cannot run here: no NVIDIA driver" in said


def test_with_a_gpu_it_writes_a_dated_page_and_hands_on_exit_codes(monkeypatch, tmp_path):
    import gpu_report

    facts = {"device": "NVIDIA H100 80GB HBM3", "driver": "for CUDA 13.0"}
    monkeypatch.setattr(gpu_report, "ROOT", tmp_path)
    monkeypatch.setattr(gpu_report, "get_backend", lambda _: "a backend")
    monkeypatch.setattr(gpu_report, "gpu_facts", lambda _: facts)
    monkeypatch.setattr(gpu_report, "run_suite", lambda _: (1, ["== 1 failed, 9 passed in 3 s =="]))
    done = type("Done", (), {"returncode": 0})
    called = []
    monkeypatch.setattr(gpu_report.subprocess, "run", lambda command, check: called.append(command) or done)
    assert gpu_report.main([]) == 1
    (page,) = (tmp_path / "docs" / "gpu").iterdir()
    assert page.name.endswith("-nvidia-h100-80gb-hbm3.md")
    text = page.read_text()
    assert "did not pass (exit code 1)" in text
    assert "1 failed, 9 passed" in text
    assert [str(part) for part in called[0][1:4]] == ["--backend", "cupy", "--markdown"]
