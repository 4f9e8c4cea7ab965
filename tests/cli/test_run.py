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
        numbers = (f"{line[name]:.4f}" for name in ("energy", "margin", "probability"))
        assert [str(line["sample"]), line["label"], *numbers] in [text.split() for text in table]


def test_well_separated_samples_get_their_label(xpnet, trained):
    lines = [json.loads(line) for line in xpnet("run", trained, "some.npy", "--json").out.splitlines()]
    assert [line["label"] for line in lines].count("[b]") >= 3
    assert all(line["margin"] >= 0 for line in lines)


def test_the_best_labels_are_told_in_every_form(xpnet, trained):
    lines = [json.loads(line) for line in xpnet("run", trained, "some.npy", "--json", "--top", "2").out.splitlines()]
    rows = list(csv.DictReader(xpnet("run", trained, "some.npy", "--csv", "--top", "2").out.splitlines()))
    table = [text.split() for text in xpnet("run", trained, "some.npy", "--top", "2").out.splitlines()]
    for line, row in zip(lines, rows, strict=True):
        first, second = line["top"]
        assert first == {name: line[name] for name in ("label", "energy", "probability")}
        assert second["energy"] - first["energy"] == pytest.approx(line["margin"], abs=1e-6)
        for rank, each in enumerate((first, second), start=1):
            assert {name: row[f"{name}_{rank}"] for name in each} == {name: str(value) for name, value in each.items()}
        assert [second["label"], f"{second['energy']:.4f}", f"{second['probability']:.4f}"] in table
    assert sum(each["probability"] for each in lines[0]["top"]) < 1


def test_all_labels_are_the_most_that_are_told(xpnet, trained):
    (line, *_) = xpnet("run", trained, "some.npy", "--json", "--top", "9").out.splitlines()
    ranked = json.loads(line)["top"]
    assert sorted(each["label"] for each in ranked) == ["[b]", "three", "two"]
    assert sum(each["probability"] for each in ranked) == pytest.approx(1)
    (header, *_) = xpnet("run", trained, "some.npy", "--csv", "--top", "9").out.splitlines()
    assert header.endswith("label_3,energy_3,probability_3")


@pytest.mark.parametrize("name", ["margin", "energy", "probability"])
def test_doubtful_answers_are_rejected_and_their_best_label_stays(xpnet, trained, name):
    lines = [json.loads(line) for line in xpnet("run", trained, "some.npy", "--json").out.splitlines()]
    bound = sorted(line[name] for line in lines)[2]
    out = xpnet("run", trained, "some.npy", "--json", f"--reject-{name}", bound).out
    told = [json.loads(line) for line in out.splitlines()]
    for line, again in zip(lines, told, strict=True):
        beyond = line[name] > bound if name == "energy" else line[name] < bound
        assert again == line | {"label": "rejected" if beyond else line["label"], "best": line["label"]}
    assert [line["label"] for line in told].count("rejected") == (1 if name == "energy" else 2)
    table = xpnet("run", trained, "some.npy", f"--reject-{name}", bound, "--top", "2").out
    assert table.count("rejected") == (1 if name == "energy" else 2)
    assert xpnet("run", trained, "some.npy", f"--reject-{name}", "nan").code == 64


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
