"""Commands under a time limit, and what the output of pytest says even if it was cut short."""

import os
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest


@pytest.fixture
def run(tmp_path):
    """run(Python, limit) under gpu_session's limits."""
    from gpu_session import running

    def command(code, limit=30.0, **more):
        log = tmp_path / "logs" / "log"
        return running.run(
            [sys.executable, "-c", code], log, limit=limit, cwd=tmp_path, environment={"WORD": "hello"}, **more
        )

    return command


def test_output_exit_code_folder_and_environment(run, tmp_path):
    ran = run("import os, sys; print(os.environ['WORD'], os.getcwd()); sys.exit('bad')")
    assert ran.code == 1
    assert ran.output == f"hello {tmp_path}\nbad\n"
    assert (tmp_path / "logs" / "log").read_text() == ran.output


def test_a_signal_is_told_as_shells_do(run):
    assert run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").code == 137


def test_a_command_that_is_not_there_fails(tmp_path):
    from gpu_session.running import run

    ran = run([str(tmp_path / "nothing")], tmp_path / "log", limit=1.0, cwd=tmp_path, environment={})
    assert ran.code == 127
    assert "No such file" in ran.output


def test_at_its_limit_a_command_ends_with_all_that_it_started(run, tmp_path):
    child = (
        "import subprocess, sys, time; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    )
    ran = run(child + "print(c.pid, flush=True); time.sleep(60)", limit=1.5)
    assert ran.code == 124
    assert 1.4 < ran.seconds < 15
    assert _ended(int(ran.output))


def test_one_that_ignores_the_request_ends_too(run, monkeypatch):
    from gpu_session import running

    monkeypatch.setattr(running, "GRACE", 0.3)
    deaf = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True); "
    ran = run(deaf + "time.sleep(60)", limit=1.5)
    assert ran.code == 124
    assert _ended(int(ran.output))


def test_what_a_finished_command_left_running_ends(run):
    left = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)"
    ran = run(left)
    assert ran.code == 0
    assert _ended(int(ran.output))


def test_an_interrupted_caller_leaves_nothing_running(run, monkeypatch):
    from gpu_session import running

    monkeypatch.setattr(running, "TICK", 0.5)
    seen = []

    def interrupt(ran):
        if ran.output:
            seen.append(ran)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("import os, time; print(os.getpid(), flush=True); time.sleep(60)", tick=interrupt)
    assert seen[0].code is None
    assert _ended(int(seen[0].output))


def _ended(number):
    """Whether that process has gone, or waits for nothing but a parent that asks after it."""
    for _ in range(100):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        state = subprocess.run(["ps", "-o", "state=", "-p", str(number)], capture_output=True, text=True).stdout
        if state.strip().startswith("Z"):
            return True
        time.sleep(0.05)
    return False


SUITE = """
import time, pytest
@pytest.mark.parametrize("x", ["a b", "c::d"])
def test_fine(x): pass
def test_wrong(): assert 0
def test_left_out(): pytest.skip("why")
def test_hangs(): time.sleep({seconds})
"""


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("seconds", [0, 60])
def test_pytest_is_understood_whole_and_cut_short(run, tmp_path, workers, seconds):
    from gpu_session import outcome, running

    if workers and not find_spec("xdist"):
        pytest.skip("pytest-xdist is not installed")
    (tmp_path / "test_it.py").write_text(SUITE.format(seconds=seconds))
    spread = ["-n", str(workers)] if workers else ["-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *spread, "test_it.py"]
    ran = running.run(command, tmp_path / "log", limit=8.0 if seconds else 60.0, cwd=tmp_path, environment={})
    tests = outcome.read(ran.output)
    if seconds:
        assert ran.code == 124
        assert tests.counts == {"passed": 2, "failed": 1, "skipped": 1}
        assert tests.failures == ["FAILED test_it.py::test_wrong"]
        assert tests.unfinished == ["test_it.py::test_hangs"]
    else:
        assert ran.code == 1
        assert tests.counts == {"failed": 1, "passed": 3, "skipped": 1}
        assert tests.failures == ["FAILED test_it.py::test_wrong - assert 0"]
        assert tests.unfinished == []
    assert str(outcome.read("collected 0 items")) == "no test"


def test_of_many_failures_some_are_named():
    from gpu_session import outcome

    def failures(lines):
        told = "\n".join(lines)
        return outcome.read(f"== short test summary info ==\n{told}\n== 100 failed in 3.00s ==\n").failures

    many = failures(f"FAILED t.py::n{k} - no" for k in range(100))
    assert len(many) == outcome.MOST + 1
    assert many[-1] == "and 60 more functions"
    assert failures(["FAILED t.py::n[a-1] - no", "FAILED t.py::n[a-2] - no", "ERROR t.py::m"]) == [
        "FAILED t.py::n[a-1] - no  (and 1 more)",
        "ERROR t.py::m",
    ]
