"""The benchmark: proves before it times, times in turns, writes between markers, keeps to its own process."""

import json

import numpy as np
import pytest


@pytest.fixture
def libraries():
    from benchmarks.libraries import Libraries

    import xpnet as xn

    return Libraries(xn.get_backend("numpy"))


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_xpnet_proves_itself_in_every_case(libraries, place):
    from benchmarks.workload import TOLERANCE, compare
    from benchmarks.workloads import WORKLOADS

    workload = WORKLOADS[place]
    for case in workload.cases(quick=True):
        first = next(iter(workload.contestants(case, libraries)))
        assert first.runner.name == "xpnet"
        assert compare(first, workload.exact(case)) < TOLERANCE / 10


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_peers_prove_themselves_where_they_are_installed(libraries, name):
    from benchmarks.workload import compare
    from benchmarks.workloads import WORKLOADS

    setattr(libraries, name, pytest.importorskip(name))
    for workload in WORKLOADS:
        case = next(iter(workload.cases(quick=True)))
        peers = [each for each in workload.contestants(case, libraries) if each.runner.name.startswith(name)]
        assert peers
        assert all(compare(peer, workload.exact(case)) < 1e-5 for peer in peers)


def test_large_label_sets_name_every_contestant(libraries):
    from benchmarks.workload import compare
    from benchmarks.workloads.large_label_sets import LargeLabelSets, Question

    libraries.faiss = pytest.importorskip("faiss")
    workload = LargeLabelSets()
    for learns, last in ((False, "faiss flat"), (True, "xpnet without numba")):
        case = Question(3, 4000, learns)
        contestants = list(workload.contestants(case, libraries))
        assert contestants[-1].runner.name == last
        assert all(compare(each, workload.exact(case)) < 1e-5 for each in contestants)


@pytest.mark.parametrize("wrong", [1.001, np.nan])
def test_a_contestant_that_computes_something_else_is_not_timed(wrong):
    from benchmarks.timing import Runner
    from benchmarks.workload import Contestant, Disagreement, compare

    runner = Runner("liar", lambda: None, lambda _: None)
    with pytest.raises(Disagreement, match="liar gives weight with relative error"):
        compare(Contestant(runner, lambda: {"weight": np.asarray([wrong, 0.0])}), {"weight": np.asarray([1.0, 0.0])})


def test_contestants_take_turns_and_are_waited_for():
    from benchmarks.timing import Runner, interleave

    log = []
    runners = [
        Runner(name, lambda name=name: log.append(name), lambda _, name=name: log.append(f"{name} done"))
        for name in ("one", "two")
    ]
    timings = interleave(runners, rounds=4)
    assert [timing.name for timing in timings] == ["one", "two"]
    assert all(0 < timing.p20 <= timing.median and timing.chunks == 4 for timing in timings)
    turns = [entry.removesuffix(" done") for entry in log if entry.endswith("done")][-8:]
    assert turns == ["one", "two", "two", "one"] * 2


def test_long_steps_end_when_patience_does(monkeypatch):
    from benchmarks import timing

    monkeypatch.setattr(timing, "PATIENCE", 0.0)
    assert (
        timing.interleave([timing.Runner("slow", lambda: None, lambda _: None)], rounds=50)[0].chunks == timing.FEWEST
    )


def test_shares_of_a_large_product():
    from benchmarks.peak import SIDE, peak_runner, shares
    from benchmarks.timing import Timing, interleave

    timings = [Timing("xpnet", 20.0, 20.0, 5, 1), Timing("peak", 10.0, 10.0, 5, 1)]
    assert [timing.share for timing in shares(timings, 2 * SIDE**3)] == [0.5]
    assert interleave([peak_runner()], rounds=1)[0].median > 0


def test_absent_contestants_leave_a_cell_empty():
    from benchmarks.report import Table, markdown
    from benchmarks.timing import Timing

    xpnet, peer = Timing("xpnet", 10.0, 9.0, 5, 3, share=0.5), Timing("peer", 25.0, 20.0, 9, 1)
    text = markdown({}, [Table("w", "Work", 1e-7, {"a": [xpnet], "b": [xpnet, peer]})])
    assert "| a | 10.0 (9.0), 50 % |             |              |" in text
    assert "| b | 10.0 (9.0), 50 % | 25.0 (20.0) |         2.50 |" in text
    assert "of 5 to 9 chunks" in text
    assert "share of the speed" in text


def test_tables_stand_between_markers_and_are_replaced(tmp_path):
    from benchmarks.report import BEGIN, END, Table, markdown, write_between_markers
    from benchmarks.timing import Timing

    table = Table("w", "Work", 1e-7, {"batch 1": [Timing("xpnet", 10.0, 9.0, 5, 3), Timing("peer", 25.0, 20.0, 5, 1)]})
    text = markdown({"date": "today"}, [table])
    assert "| batch 1 | 10.0 (9.0) | 25.0 (20.0) |         2.50 |" in text
    path = tmp_path / "page.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    for _ in range(2):
        write_between_markers(path, text)
    written = path.read_text()
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert written.count(text) == 1
    assert "old" not in written


def test_markers_are_made_where_there_are_none(tmp_path):
    from benchmarks.report import BEGIN, write_between_markers

    for name in ("new.md", "plain.md"):
        (tmp_path / "plain.md").write_text("# Plain\n")
        write_between_markers(tmp_path / name, "table")
        assert "table" in (tmp_path / name).read_text().partition(BEGIN)[2]


def test_the_process_is_replaced_by_one_without_the_slowing_settings(monkeypatch):
    from benchmarks import environment

    replaced = {}
    monkeypatch.setattr(environment.os, "execve", lambda path, argv, env: replaced.update(argv=argv, env=env))
    monkeypatch.setattr(environment, "_pin", lambda: 3)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    environment._replace_process(["--quick"])
    assert replaced["argv"][-2:] == ["benchmarks", "--quick"]
    assert "OPENBLAS_CORETYPE" not in replaced["env"]
    assert replaced["env"]["OMP_NUM_THREADS"] == "1"
    monkeypatch.setenv(environment.MARK, replaced["env"][environment.MARK])
    prepared = environment.prepare([])
    assert prepared.core == 3
    assert "dropped from the environment: OPENBLAS_CORETYPE=Haswell" in str(prepared)


def test_a_whole_session_without_peers(libraries, monkeypatch, tmp_path, capsys):
    from benchmarks import session
    from benchmarks.arguments import parse
    from benchmarks.environment import Prepared

    libraries.absent = {"torch": "not installed", "jax": "not installed"}
    monkeypatch.setattr(session, "gather", lambda _: libraries)
    arguments = parse(["--rounds", "2", "--only", "mlp_step", "--json", str(tmp_path / "all.json")])
    assert session.run(arguments, Prepared(None)) == 0
    shown = capsys.readouterr().out
    assert "torch: not installed" in shown
    assert "not pinned" in shown
    measured = json.loads((tmp_path / "all.json").read_text())
    assert list(measured["tables"][0]["rows"]) == ["batch 1", "batch 32", "batch 256"]
    assert "torch not installed" in measured["facts"]["versions"]
    assert session.run(parse(["--only", "nonsense"]), Prepared(None)) == 2


def test_the_peak_of_a_process_is_told_for_each_call():
    from benchmarks import peak_memory

    told = peak_memory.sentence(
        [{"call": "run", "MiB": 97.4, "seconds": 0.5}, {"call": "step", "MiB": 1, "seconds": 2}]
    )
    assert told.endswith("(320 MiB), batch 256: run: 97 MiB, 0.50 s; step: 1 MiB, 2.00 s")
    assert "does not tell" in peak_memory.sentence([])


@pytest.mark.slow
def test_a_million_labels_take_less_than_a_gibibyte():
    from benchmarks import peak_memory

    calls = peak_memory.measured()
    assert [call["call"] for call in calls] == ["run(top=1)", "answer(top=5)", "one likelihood step"]
    assert max(call["MiB"] for call in calls) < 1024
