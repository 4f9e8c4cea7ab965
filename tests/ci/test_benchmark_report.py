"""What the benchmark reports: shares of what the device can do at best, tables, and where they are written."""

import pytest


@pytest.fixture
def libraries():
    from benchmarks.libraries import Libraries

    import xpnet as xn

    return Libraries(xn.get_backend("numpy"))


def test_shares_of_a_large_product_and_of_a_copy():
    from benchmarks.peak import SIDE, Peak, of_processor, peak_runner, shares
    from benchmarks.timing import Timing, interleave

    timing, product = Timing("xpnet", 20.0, 20.0, 5, 1), Timing("product", 10.0, 10.0, 5, 1)
    (found,) = shares([timing], of_processor(product), 2 * SIDE**3, 100)
    assert (found.share, found.bandwidth) == (0.5, None)
    (found,) = shares([timing], Peak(1e6, 1e3), 10_000_000, 1000)
    assert (found.share, found.bandwidth) == (0.5, 0.05)
    assert interleave([peak_runner()], rounds=1)[0].median > 0


def test_the_peak_of_a_device_is_that_of_its_fastest_library(libraries):
    from benchmarks.peak import of_gpu

    libraries.torch = pytest.importorskip("torch")  # on the CPU: the code is the same
    peak = of_gpu(libraries, side=64, copied=1 << 12)
    assert peak.flops > 0
    assert peak.bytes > 0
    assert "TFLOP/s in full float32, copies move" in str(peak)


def test_of_several_libraries_the_faster_product_and_the_faster_copy_count(libraries, monkeypatch):
    from benchmarks import peak
    from benchmarks.timing import Timing

    medians = iter([8.0, 4.0, 50.0, 100.0])  # both products, then both copies
    monkeypatch.setattr(peak, "interleave", lambda *_: [Timing("", next(medians), 0.0, 1, 1)])
    monkeypatch.setattr(peak, "_cupy", lambda *_: (None, None))
    monkeypatch.setattr(peak, "_torch", lambda *_: (None, None))
    libraries.torch = "torch"
    monkeypatch.setattr(libraries.backend.__class__, "name", "cupy")
    found = peak.of_gpu(libraries, side=10, copied=1000)
    assert (found.flops, found.bytes) == (2 * 10**3 / 4.0, 2 * 1000 / 50.0)


def test_absent_contestants_leave_a_cell_empty():
    from benchmarks.report import Table, markdown
    from benchmarks.timing import Timing

    xpnet, peer = Timing("xpnet", 10.0, 9.0, 5, 3, share=0.5), Timing("peer", 25.0, 20.0, 9, 1)
    text = markdown({}, [Table("w", "Work", 1e-7, {"a": [xpnet], "b": [xpnet, peer]})])
    assert "| a | 10.0 (9.0), 50 % |             |              |" in text
    assert "| b | 10.0 (9.0), 50 % | 25.0 (20.0) |         2.50 |" in text
    assert "of 5 to 9 chunks" in text
    assert "share of the speed" in text


def test_a_table_tells_who_was_not_timed_and_what_was_launched():
    from benchmarks.report import Table, markdown
    from benchmarks.timing import Timing

    peer = Timing("peer", 25.0, 20.0, 9, 1, share=0.004, bandwidth=0.25)
    text = markdown({}, [Table("w", "Work", 0.0, {"a": [peer]}, ["a: xpnet: no room"], {"peer": "3 / 5"})])
    assert "25.0 (20.0), 0.4 % / 25 %" in text
    assert "the necessary bytes' at copies" in text
    assert "- not timed: a: xpnet: no room" in text
    assert "a step: peer 3 / 5" in text
    assert "not timed: b: all" in markdown({}, [Table("w", "Work", 0.0, {}, ["b: all"])])


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


def test_captured_steps_are_set_beside_the_librarys_own():
    from benchmarks.report import Table, captured
    from benchmarks.timing import Timing

    def row(**medians):
        return [Timing(name.replace("_", " "), median, median, 5, 1) for name, median in medians.items()]

    rows = {"batch 1": row(xpnet=9.0, xpnet_jax_captured=30.0, jax_jit=20.0), "batch 2": row(xpnet=9.0)}
    text = captured([Table("w", "Work", 0.0, rows)])
    head, _, first, second = text.splitlines()[2:]
    assert [cell.strip() for cell in head.split("|")[1:-1]] == ["captured steps", "xpnet jax captured / jax jit"]
    assert [cell.strip() for cell in first.split("|")[1:-1]] == ["w, batch 1", "1.50"]
    assert [cell.strip() for cell in second.split("|")[1:-1]] == ["w, batch 2", ""]
    assert captured([Table("w", "Work", 0.0, {"a": row(xpnet=1.0)})]) == ""
