"""What stands at the end of a run: tables in the terminal, pictures in its folder."""

from rich.console import Console

from xpnet.data.answers import Evaluation
from xpnet.report.pictures import draw_confusion, draw_learning_curve
from xpnet.report.tables import energy_table, error_table
from xpnet.training.evaluation import answer, evaluate
from xpnet.training.run_folder import RunFolder
from xpnet.training.session import Session


def final_report(session: Session, folder: RunFolder, console: Console) -> None:
    """Errors of both parts, energies of a few held-out samples, learning curve and confusion matrix."""
    assembly, material = session.assembly, session.material
    training, held_out = evaluate(assembly, material.training), evaluate(assembly, material.held_out)
    few = answer(assembly, material.held_out.samples[:5])
    console.print(error_table({"training": training, "held-out": held_out}))
    console.print(energy_table(few, material.held_out.labels[:5], assembly.label_names))
    draw_pictures(session, folder, held_out, console)
    console.print(f"kept in {folder.path}")


def draw_pictures(session: Session, folder: RunFolder, held_out: Evaluation, console: Console) -> None:
    """Both pictures; what hinders them is told in one line, for the training itself has succeeded."""
    name, label_names = session.assembly.recipe.name, session.assembly.label_names
    try:
        draw_learning_curve(folder.learning_curve, session.history, name)
        draw_confusion(folder.confusion, held_out.confusion, label_names, f"{name}, held-out part")
    except (ImportError, OSError) as error:
        console.print(f"no pictures: {error}")
    else:
        console.print(f"pictures: {folder.learning_curve.name}, {folder.confusion.name}")
