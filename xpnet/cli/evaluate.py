"""`xpnet evaluate`."""

from xpnet.cli.options import BackendOption, DeviceOption, DtypeOption, RunArgument, SetOption


def evaluate(
    run: RunArgument,
    set_: SetOption = None,
    backend: BackendOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Judge a trained machine on its data: errors of both parts, and which labels it confuses.

    The data are loaded again as the recipe says, and must be those of the run, split as they were; --set may only tell
    where they lie now.

    Examples:

    * `xpnet evaluate runs/digits`
    * `xpnet evaluate runs/letters --set data.path=elsewhere/letters.npz`
    """

    from xpnet.cli.terminal import terminal
    from xpnet.cli.trained import Trained
    from xpnet.report.tables import confusion_table, error_table
    from xpnet.training.evaluation import evaluate as judge
    from xpnet.training.material import gather, require_same_data

    trained = Trained(run, (backend, device, dtype), set_ or ())
    recipe = trained.assembly.recipe
    material = gather(recipe.data, recipe.junk)
    require_same_data(material, trained.checkpoint.meta.data)
    parts = {
        "training": judge(trained.assembly, material.training),
        "held-out": judge(trained.assembly, material.held_out),
    }
    console = terminal()
    console.print(error_table(parts))
    console.print(confusion_table(parts["held-out"].confusion, trained.assembly.label_names))
