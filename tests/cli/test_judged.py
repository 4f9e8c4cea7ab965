import io

import numpy as np
import pytest
from rich.console import Console

from xpnet.cli.judged import Judged, draw_judgement, judged, print_judgement
from xpnet.cli.rejection import Rejection
from xpnet.cli.trained import Trained
from xpnet.data.answers import Answered
from xpnet.data.dataset import Dataset
from xpnet.report.meters import Counts
from xpnet.report.quality import quality
from xpnet.training.material import gather


@pytest.fixture
def run(trained):
    return Trained(trained)


@pytest.fixture
def parts(run):
    material = gather(run.assembly.recipe.data, None)
    return {"training": judged(run, material.training), "held-out": judged(run, material.held_out)}


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=100, highlight=False, markup=False, soft_wrap=True)


def test_confusion_counts_what_the_bounds_refuse():
    energies = np.array([[0.0, 2.0], [1.0, 1.25], [4.0, 3.0]])
    data = Dataset(np.zeros((3, 1)), np.array([0, 1, 0]), ("a", "b"))
    part = Judged(Answered(energies.argmin(axis=1), energies), data)
    assert part.confusion(Rejection(), 1.0).totals == Counts(1, 2, 0)
    assert part.confusion(Rejection(margin=0.5), 1.0).counts.tolist() == [[1, 1, 0], [0, 0, 1]]


def test_the_quality_is_that_of_the_last_part(run, parts, console):
    found = print_judgement(run, parts, Rejection(), console)
    last = parts["held-out"]
    wanted = quality(last.answers, last.data.labels, run.beta)
    np.testing.assert_array_equal(found.gaps.values, wanted.gaps.values)
    told = console.file.getvalue()
    assert (
        told.index(" errors ") < told.index("by margin") < told.index("ECE") < told.index("gaps:") < told.index("[b]")
    )


def test_a_folder_that_cannot_be_written_is_one_line(run, parts, console, trained):
    found = print_judgement(run, parts, Rejection(), console)
    (trained / "reject.png").mkdir()
    draw_judgement(run, found, console)
    assert console.file.getvalue().splitlines()[-1].startswith("no pictures: ")
