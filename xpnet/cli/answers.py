"""The answers of a machine as a table, as JSON lines or as CSV."""

import csv
import json
import math
import sys
from collections.abc import Iterator, Sequence

from xpnet.cli.terminal import terminal
from xpnet.data.answers import Answers
from xpnet.report.tables import plain_table

COLUMNS = ("sample", "label", "energy", "margin")
Row = tuple[int, str, float, float]


def print_answers(answers: Answers, label_names: Sequence[str], form: str) -> None:
    """Write one row per sample to standard output; form is "table", "json" or "csv"."""
    {"table": _table, "json": _json, "csv": _csv}[form](list(_rows(answers, label_names)))


def _rows(answers: Answers, label_names: Sequence[str]) -> Iterator[Row]:
    margins = answers.margins()
    for row, best in enumerate(answers.index.tolist()):
        yield row, label_names[best], float(answers.energies[row, best]), float(margins[row])


def _table(rows: Sequence[Row]) -> None:
    table = plain_table(*COLUMNS)
    for sample, label, energy, margin in rows:
        table.add_row(str(sample), label, f"{energy:.4f}", f"{margin:.4f}")
    terminal().print(table)


def _json(rows: Sequence[Row]) -> None:
    for row in rows:
        # JSON has no infinity: a lone label has no margin.
        finite = [None if isinstance(value, float) and not math.isfinite(value) else value for value in row]
        sys.stdout.write(json.dumps(dict(zip(COLUMNS, finite, strict=True))) + "\n")


def _csv(rows: Sequence[Row]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
