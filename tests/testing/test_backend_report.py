"""A report of a backend in words."""

from xpnet.testing.backend_report import BackendLine, BackendReport


def test_a_report_adds_up_and_prints():
    lines = [BackendLine("one thing", 3, 1e-9, 0.5), BackendLine("another", 4, 2e-7, 0.25)]
    report = BackendReport("Backend('here')", lines)
    assert (report.comparisons, report.error) == (7, 2e-7)
    first, *rows = str(report).splitlines()
    assert first == "Backend('here'): 2 clauses, 7 comparisons, 0.8 s"
    assert [row.split() for row in rows] == [
        ["one", "thing", "3", "error", "1.0e-09"],
        ["another", "4", "error", "2.0e-07"],
    ]


def test_an_empty_report():
    assert (BackendReport("nothing").error, BackendReport("nothing").comparisons) == (0.0, 0)
