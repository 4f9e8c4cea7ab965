"""The benchmark: proves before it times, times in turns, writes between markers, keeps to its own process."""

import contextlib
import json
from types import SimpleNamespace

import numpy as np
import pytest


@pytest.fixture
def libraries():
    from benchmarks.libraries import Libraries

    import xpnet as xn

    return Libraries(xn.get_backend("numpy"))


def workloads():
    from benchmarks.workloads import WORKLOADS

    return WORKLOADS


def entered(workload, case, libraries):
    return {each.name: each.enter() for each in workload.contestants(case, libraries)}


@pytest.mark.parametrize("place", range(9))
def test_xpnet_proves_itself_in_every_case(libraries, place):
    from benchmarks.workload import TOLERANCE, Extent, compare

    workload = workloads()[place]
    for case in workload.cases(Extent(quick=True, batches=(1, 2, 33))):
        first = next(iter(workload.contestants(case, libraries)))
        assert first.name == "xpnet"
        assert compare("xpnet", first.enter(), workload.exact(case)) < TOLERANCE / 10


@pytest.mark.parametrize("place", range(9))
@pytest.mark.parametrize("name", ["torch", "jax"])
def test_peers_prove_themselves_where_they_are_installed(libraries, name, place):
    from benchmarks.workload import Extent, compare

    setattr(libraries, name, pytest.importorskip(name))
    workload = workloads()[place]
    case = next(iter(workload.cases(Extent(quick=True, batches=(3,)))))
    peers = {name_: entry for name_, entry in entered(workload, case, libraries).items() if name_.startswith(name)}
    assert peers
    assert all(compare(peer, entry, workload.exact(case)) < 1e-5 for peer, entry in peers.items())


@pytest.mark.parametrize("place", range(7))
def test_steps_may_be_of_other_backends_and_captured(libraries, place):
    from benchmarks.training_step import Batch
    from benchmarks.workload import compare

    import xpnet as xn

    libraries.jax, libraries.compiled = pytest.importorskip("jax"), True
    libraries.also = [xn.get_backend("jax")]
    workload = workloads()[place]
    captured = entered(workload, Batch(2), libraries)["xpnet jax captured"]
    assert compare("captured", captured, workload.exact(Batch(2))) < 1e-5


def test_the_columns_are_backends_eager_and_captured(libraries):
    import xpnet as xn

    pytest.importorskip("torch")
    pytest.importorskip("jax")
    libraries.also = [xn.get_backend("torch"), xn.get_backend("jax")]
    assert [name for name, _, _ in libraries.ours()] == ["xpnet", "xpnet torch"]
    libraries.compiled = True
    named = [name for name, _, _ in libraries.ours()]
    assert named == ["xpnet", "xpnet torch", "xpnet torch captured", "xpnet jax captured"]


def test_torch_compile_computes_the_same(libraries):
    from benchmarks.contestants import TorchCompiledStep, torch_compiled
    from benchmarks.training_step import Batch
    from benchmarks.workload import compare

    libraries.torch = pytest.importorskip("torch")
    assert torch_compiled(libraries) == []
    libraries.compiled = True
    assert torch_compiled(libraries) == [("torch compile", TorchCompiledStep)]  # graphs need a GPU
    libraries.torch.compile, saved = lambda step, dynamic: step, libraries.torch.compile
    try:
        mlp_step = workloads()[0]
        assert compare("c", entered(mlp_step, Batch(3), libraries)["torch compile"], mlp_step.exact(Batch(3))) < 1e-5
    finally:
        libraries.torch.compile = saved


def test_a_graph_is_recorded_warm_and_replayed_from_the_first_values(libraries, monkeypatch):
    from benchmarks.contestants import PROVING_RATE, TorchForeachStep, graphed
    from benchmarks.training_step import Batch

    torch = libraries.torch = pytest.importorskip("torch")
    log = []

    class Graph:
        def replay(self):
            log.append("replay")

    def recorded(what):
        return contextlib.nullcontext(log.append(what))

    stream = SimpleNamespace(wait_stream=lambda _: None)
    fakes = {"Stream": lambda: stream, "current_stream": lambda: stream, "CUDAGraph": Graph}
    fakes |= {"stream": lambda _: recorded("aside"), "graph": lambda _: recorded("captured")}
    for name, fake in fakes.items():
        monkeypatch.setattr(torch.cuda, name, fake)
    mlp_step = workloads()[0]
    made = graphed(TorchForeachStep)(mlp_step, Batch(2), libraries, mlp_step.torch_loss, PROVING_RATE)
    for name, value in mlp_step.initial().items():
        np.testing.assert_array_equal(made.parameters()[name], value)
    assert made.step() is made.result
    assert log == ["aside", "captured", "replay"]


def test_xpnet_on_a_gpu_is_timed_at_more_sizes():
    from benchmarks.workload import Extent

    assert Extent().sizes() == (1, 32, 256)
    assert Extent(gpu=True).sizes() == (1, 8, 64, 512, 8192)
    assert Extent(gpu=True, batches=(4,)).sizes() == (4,)
    labels = {case.labels for case in workloads()[-1].cases(Extent(gpu=True))}
    assert labels == {10_000, 100_000, 1_000_000}


def test_of_a_large_batch_some_samples_are_proved():
    from benchmarks.workload import PROVED, proved

    assert proved(3).tolist() == [0, 1, 2]
    assert len(proved(8192)) == PROVED
    assert {0, 8191} <= set(proved(8192).tolist())


def test_tiles_fill_a_gpu_and_divide_the_label_set(libraries):
    from benchmarks.workloads.large_label_peers import JAX_TILE, Question, tile_of

    question = Question(512, 1_000_000, False)
    assert tile_of(question, JAX_TILE, libraries) == JAX_TILE
    libraries.backend = SimpleNamespace(synchronous=False)
    assert tile_of(question, JAX_TILE, libraries) == 20_000
    assert tile_of(Question(1, 10_000, False), JAX_TILE, libraries) == JAX_TILE


def test_large_label_sets_name_every_contestant(libraries):
    from benchmarks.workload import compare
    from benchmarks.workloads.large_label_sets import LargeLabelSets, Question

    libraries.faiss = pytest.importorskip("faiss")
    workload = LargeLabelSets()
    for learns, last in ((False, "faiss flat"), (True, "xpnet without numba")):
        case = Question(300, 4000, learns)
        contestants = entered(workload, case, libraries)
        assert list(contestants)[-1] == last
        assert all(compare(name, entry, workload.exact(case)) < 1e-5 for name, entry in contestants.items())


@pytest.mark.parametrize("wrong", [1.001, np.nan])
def test_a_contestant_that_computes_something_else_is_not_timed(wrong):
    from benchmarks.workload import Disagreement, Entry, compare

    entry = Entry(None, lambda: {"weight": np.asarray([wrong, 0.0])})
    with pytest.raises(Disagreement, match="liar gives weight with relative error"):
        compare("liar", entry, {"weight": np.asarray([1.0, 0.0])})


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


def test_the_process_is_replaced_by_one_without_the_slowing_settings(monkeypatch):
    from benchmarks import environment

    replaced = {}
    monkeypatch.setattr(environment.os, "execve", lambda path, argv, env: replaced.update(argv=argv, env=env))
    monkeypatch.setattr(environment, "_pin", lambda: 3)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    environment._replace_process(["--quick"], pinned=False)
    assert json.loads(replaced["env"][environment.MARK])["core"] is None
    environment._replace_process(["--quick"], pinned=True)
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
    monkeypatch.setattr(session, "gather", lambda *_: libraries)
    arguments = parse(["--rounds", "2", "--only", "mlp_step", "--json", str(tmp_path / "all.json")])
    assert session.run(arguments, Prepared(None)) == 0
    shown = capsys.readouterr().out
    assert "torch: not installed" in shown
    assert "not pinned" in shown
    measured = json.loads((tmp_path / "all.json").read_text())
    assert list(measured["tables"][0]["rows"]) == ["batch 1", "batch 32", "batch 256"]
    assert "torch not installed" in measured["facts"]["versions"]
    assert session.run(parse(["--only", "nonsense"]), Prepared(None)) == 2


def test_a_contestant_that_fails_leaves_the_others_their_rows(libraries, monkeypatch, tmp_path):
    from benchmarks import session
    from benchmarks.arguments import parse
    from benchmarks.environment import Prepared
    from benchmarks.workload import Contestant

    def no_room():
        msg = "no room for 3 GiB\nand a second line"
        raise MemoryError(msg)

    mlp_step = workloads()[0]
    honest = mlp_step.contestants
    monkeypatch.setattr(mlp_step, "contestants", lambda *args: [*honest(*args), Contestant("greedy", no_room)])
    monkeypatch.setattr(session, "gather", lambda *_: libraries)
    page = tmp_path / "page.md"
    arguments = parse(["--rounds", "1", "--only", "mlp_step", "--batch", "2", "--markdown", str(page)])
    assert session.run(arguments, Prepared(None)) == 1
    text = page.read_text()
    assert "- not timed: batch 2: greedy: MemoryError: no room for 3 GiB\n" in text
    assert "| batch 2  |" in text


def test_tables_are_written_as_cases_end(libraries, monkeypatch, tmp_path):
    from benchmarks import session
    from benchmarks.arguments import parse
    from benchmarks.environment import Prepared

    mlp_step = workloads()[0]
    honest = mlp_step.exact

    def interrupted(case):
        if case.size == 2:
            raise KeyboardInterrupt
        return honest(case)

    monkeypatch.setattr(mlp_step, "exact", interrupted)
    monkeypatch.setattr(session, "gather", lambda *_: libraries)
    page = tmp_path / "page.md"
    arguments = parse(["--rounds", "1", "--only", "mlp_step", "--batch", "1", "--batch", "2", "--markdown", str(page)])
    with pytest.raises(KeyboardInterrupt):
        session.run(arguments, Prepared(None))
    assert "| batch 1  |" in page.read_text()


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
