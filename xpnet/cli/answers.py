"""The answers of a machine as a table, as JSON lines or as CSV."""

import csv
import json
import math
import sys
from collections.abc import Iterator, Sequence

from xpnet._typing import Json
from xpnet.cli.rejection import Rejection
from xpnet.cli.terminal import terminal
from xpnet.data.answers import Answered
from xpnet.report.tables import plain_table

COLUMNS = ("sample", "label", "energy", "margin", "probability")
RANKED = ("label", "energy", "probability")  # of each of the best labels
REJECTED = "rejected"
NOTHING = "none"  # the best label where none is possible
Row = dict[str, Json]  # text or number by column; under "top" a list of rows


def print_answers(
    answers: Answered,
    label_names: Sequence[str],
    form: str,
    *,
    beta: float = 1.0,
    top: int = 0,
    rejection: Rejection | None = None,
) -> None:
    """Write one row per sample to standard output; form is "table", "json" or "csv".

    beta: of the probabilities. top: also tell so many of the best labels. rejection: bounds beyond which the label is
    "rejected"; a further column then tells the best label all the same.
    """
    write = {"table": _table, "json": _json, "csv": _csv}[form]
    bounds = rejection or Rejection()
    rows = list(_rows(answers, label_names, beta, bounds))
    if top:
        for told, ranked in zip(rows, _ranked(answers, label_names, beta, top), strict=True):
            told["top"] = ranked
    write(rows, (*COLUMNS, "best") if bounds else COLUMNS, min(top, len(label_names)))


def _rows(answers: Answered, label_names: Sequence[str], beta: float, bounds: Rejection) -> Iterator[Row]:
    numbers = (answers.best(), answers.margins(), answers.probability(beta))
    arrays = (answers.index, bounds.of(answers, beta), *numbers)
    for sample, (best, refused, *told) in enumerate(zip(*(array.tolist() for array in arrays), strict=True)):
        name = label_names[best] if best >= 0 else NOTHING
        row = (sample, REJECTED if refused else name, *told)
        yield dict(zip(COLUMNS, row, strict=True)) | ({"best": name} if bounds else {})


def _ranked(answers: Answered, label_names: Sequence[str], beta: float, top: int) -> Iterator[list[Row]]:
    """The best possible labels of each sample, in order."""
    for labels, energies, p in zip(*answers.top(top), answers.probabilities(beta), strict=True):
        found = zip(labels.tolist(), energies.tolist(), strict=True)
        yield [dict(zip(RANKED, (label_names[k], e, float(p[k])), strict=True)) for k, e in found if k >= 0]


def _table(rows: Sequence[Row], columns: Sequence[str], top: int) -> None:
    """The further ones of the best labels stand below the first, so that any number of them fits."""
    table, named = plain_table(*columns), "best" if "best" in columns else "label"
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in columns))
        for each in _best(row)[1:]:
            below = {"energy": each["energy"], "probability": each["probability"], named: each["label"]}
            table.add_row(*(_cell(below.get(name, "")) for name in columns))
    terminal().print(table)


def _cell(value: Json) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _json(rows: Sequence[Row], columns: Sequence[str], top: int) -> None:
    for row in rows:
        told = _finite(row)
        if "top" in row:
            told["top"] = [_finite(each) for each in row["top"]]
        sys.stdout.write(json.dumps(told) + "\n")


def _csv(rows: Sequence[Row], columns: Sequence[str], top: int) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*columns, *(f"{name}_{rank + 1}" for rank in range(top) for name in RANKED)])
    for row in rows:
        best = [cell for each in _best(row) for cell in each.values()]
        writer.writerow([*(row[name] for name in columns), *best, *[""] * (len(RANKED) * top - len(best))])


def _best(row: Row) -> Sequence[Row]:
    best: Sequence[Row] = row.get("top", ())
    return best


def _finite(row: Row) -> Row:
    # JSON has no infinity: a lone label has no margin.
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()
    }
