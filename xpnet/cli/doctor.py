"""`xpnet doctor`."""

import typer


def doctor() -> None:
    """Tell what is set, what is installed, and what works on this machine.

    Ends with 0 when the backend in force can be used, else with the exit code of the cause.

    Examples:

    * `xpnet doctor`
    * `XPNET_BACKEND=cupy xpnet doctor`
    """

    from xpnet.cli.diagnosis import backend_table, setting_table, stray_settings, verdict, version_table
    from xpnet.cli.terminal import terminal

    console = terminal()
    for table in (setting_table(), backend_table(), version_table()):
        console.print(table)
    for sentence in stray_settings():
        console.print(sentence, soft_wrap=True)
    sentence, code = verdict()
    console.print(sentence, soft_wrap=True)
    raise typer.Exit(code)
