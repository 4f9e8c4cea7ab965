"""What `evaluate` tells of a trained machine: both parts judged, and the quality of the held-out answers."""

from dataclasses import dataclass

from rich.console import Console

from xpnet.cli.rejection import Rejection
from xpnet.cli.trained import Trained
from xpnet.data.answers import Answered, judge
from xpnet.data.dataset import Dataset
from xpnet.report.meter_pictures import draw_calibration, draw_error_reject, draw_gaps
from xpnet.report.meter_tables import calibration_table, counts_table, gap_line, operating_table, rejection_table
from xpnet.report.meters import Confusion, confuse
from xpnet.report.quality import Quality, quality
from xpnet.report.tables import confusion_table, error_table
from xpnet.training.evaluation import answer


@dataclass(frozen=True, eq=False)
class Judged:
    """The answers to one part of the data, beside its labels."""

    answers: Answered
    data: Dataset

    def confusion(self, rejection: Rejection, beta: float) -> Confusion:
        """Desired × answered, with what is rejected at these bounds."""
        rejected = rejection.of(self.answers, beta)
        return confuse(self.answers.index, self.data.labels, self.answers.energies.shape[1], rejected)


def judged(trained: Trained, data: Dataset) -> Judged:
    """The machine's answers to scaled, labelled samples."""
    return Judged(answer(trained.assembly, data.samples), data)


def print_judgement(trained: Trained, parts: dict[str, Judged], rejection: Rejection, console: Console) -> Quality:
    """Errors of the parts, quality and confusion of the last one, which is returned; with bounds, the rejected too."""
    names, last = trained.assembly.label_names, list(parts.values())[-1]
    found = quality(last.answers, last.data.labels, trained.beta)
    if rejection:
        confusions = {name: part.confusion(rejection, trained.beta) for name, part in parts.items()}
        errors = counts_table({name: confusion.totals for name, confusion in confusions.items()})
        confused = rejection_table(list(confusions.values())[-1], names)
    else:
        evaluations = {name: judge(part.answers, part.data.labels) for name, part in parts.items()}
        errors = error_table(evaluations)
        confused = confusion_table(list(evaluations.values())[-1].confusion, names)
    for told in (errors, operating_table(found.curves), calibration_table(found), gap_line(found.gaps), confused):
        console.print(told)
    return found


def draw_judgement(trained: Trained, found: Quality, console: Console) -> None:
    """reject.png, gaps.png and calibration.png in the run's folder; what hinders them is told in one line."""
    folder, title = trained.folder, f"{trained.assembly.recipe.name}, held-out part"
    curves = {f"β = {beta:.4g}": calibration for beta, calibration in (found.given, found.fitted)}
    try:
        draw_error_reject(folder.reject, found.curves, title)
        draw_gaps(folder.gaps, found.gaps, title)
        draw_calibration(folder.calibration, curves, title)
    except (ImportError, OSError) as error:
        console.print(f"no pictures: {error}")
    else:
        console.print(f"pictures in {folder.path}: {folder.reject.name}, {folder.gaps.name}, {folder.calibration.name}")
