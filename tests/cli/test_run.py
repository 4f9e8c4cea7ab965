import csv
import json

import numpy as np
import pytest


def test_the_three_forms_tell_the_same(xpnet, trained):
    table = xpnet("run", trained, "some.npy").out.splitlines()
    lines = [json.loads(line) for line in xpnet("run", trained, "some.npy", "--json").out.splitlines()]
    rows = list(csv.DictReader(xpnet("run", trained, "some.npy", "--csv").out.splitlines()))
    assert len(lines) == len(rows) == 4
    for line, row in zip(lines, rows, strict=True):
        assert {key: str(value) for key, value in line.items()} == row
        cells = [str(line["sample"]), line["label"], f"{line['energy']:.4f}", f"{line['margin']:.4f}"]
        assert cells in [text.split() for text in table]


def test_well_separated_samples_get_their_label(xpnet, trained):
    lines = [json.loads(line) for line in xpnet("run", trained, "some.npy", "--json").out.splitlines()]
    assert [line["label"] for line in lines].count("[b]") >= 3
    assert all(line["margin"] >= 0 for line in lines)


def test_backends_answer_alike(xpnet, trained):
    ours, theirs = (
        [json.loads(line) for line in xpnet("run", trained, "some.npy", "--json", "--backend", name).out.splitlines()]
        for name in ("numpy", "strict")
    )
    for mine, other in zip(ours, theirs, strict=True):
        assert mine["label"] == other["label"]
        assert mine["energy"] == pytest.approx(other["energy"], rel=1e-5, abs=1e-6)


def test_bad_input_is_one_line_each(xpnet, trained, blobs):
    np.save(blobs / "wide.npy", np.zeros((2, 5)))
    np.save(blobs / "nan.npy", np.array([[0.0, np.nan, 0.0, 0.0]]))
    (blobs / "text.npy").write_text("hello")
    for name, code, told in (
        ("wide.npy", 65, "was trained on samples of shape (4,); got (5,)"),
        ("nan.npy", 65, "sample 0 holds nan at (1,)"),
        ("text.npy", 65, "cannot read text.npy: it is not a .npy file; write it with numpy.save"),
        ("absent.npy", 65, "cannot read absent.npy: no such file\n"),
    ):
        shown = xpnet("run", trained, name)
        assert (shown.code, shown.out, shown.err.count("\n")) == (code, "", 1)
        assert told in shown.err
    shown = xpnet("run", "some.npy", trained)
    assert (shown.code, "the arguments are RUN SAMPLES.npy, in this order" in shown.err) == (65, True)
    shown = xpnet("run", "absent", "some.npy")
    assert (shown.code, "no run folder absent; train one with" in shown.err) == (66, True)
    assert xpnet("run", trained, "some.npy", "--json", "--csv").code == 64
