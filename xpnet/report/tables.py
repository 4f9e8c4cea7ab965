"""Tables for the terminal: errors, energies, confusion."""

from collections.abc import Sequence

import numpy as np
from rich import box
from rich.table import Table
from rich.text import Text

from xpnet._typing import HostArray
from xpnet.data.answers import Answered, Evaluation


def percent(errors: int, count: int) -> str:
    """Errors in percent of the count, with two digits.

    >>> percent(9, 450)
    '2.00 %'
    """
    return f"{100 * errors / count:.2f} %"


def error_table(parts: dict[str, Evaluation]) -> Table:
    """One row per part of the data: samples, errors, percent, mean energy of the desired labels."""
    table = plain_table("part", "samples", "errors", "error", "mean energy")
    for name, part in parts.items():
        table.add_row(name, str(part.count), str(part.errors), percent(part.errors, part.count), f"{part.energy:.5f}")
    return table


def energy_table(answers: Answered, desired: HostArray, label_names: Sequence[str], rows: int = 12) -> Table:
    """One column per sample: desired label, best label (wrong ones marked "!"), margin, and the energy of every label.

    With more than `rows` labels, those that are low for any of these samples are shown.
    """
    best, margins = answers.index, answers.margins()
    table = plain_table("", *(f"sample {k}" for k in range(len(best))), title="held-out samples")
    table.add_row("desired", *(label_names[k] for k in desired))
    table.add_row("best", *(label_names[k] + ("" if k == d else " !") for k, d in zip(best, desired, strict=True)))
    table.add_row("margin", *(f"{margin:.3f}" for margin in margins), end_section=True)
    for label in sorted(np.argsort(answers.energies.min(axis=0), kind="stable")[:rows]):
        cells = (
            Text(f"{e:.3f}", "bold" if label == k else "")
            for e, k in zip(answers.energies[:, label], best, strict=True)
        )
        table.add_row(f"E({label_names[label]})", *cells)
    return table


def confusion_table(confusion: HostArray, label_names: Sequence[str], widest: int = 20) -> Table:
    """Counts: one row per desired label, one column per answered label; only the errors when there are many labels."""
    if len(label_names) > widest:
        return _frequent_errors(confusion, label_names, widest)
    table = plain_table("desired", *label_names, title="answered")
    for name, counts in zip(label_names, confusion, strict=True):
        table.add_row(name, *(str(count) if count else "·" for count in counts))
    return table


def _frequent_errors(confusion: HostArray, label_names: Sequence[str], rows: int) -> Table:
    wrong = confusion - np.diag(np.diag(confusion))
    table = plain_table("desired", "answered", "samples", title="most frequent errors")
    for place in np.argsort(-wrong, axis=None, kind="stable")[:rows]:
        desired, answered = np.unravel_index(place, wrong.shape)
        if wrong[desired, answered]:
            table.add_row(label_names[desired], label_names[answered], str(wrong[desired, answered]))
    return table


def plain_table(first: str, *numbers: str, title: str | None = None) -> Table:
    """A table without vertical rules: a left-aligned first column, right-aligned others."""
    table = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table
