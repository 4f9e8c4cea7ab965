from xpnet.cli.terminal import terminal


def test_texts_are_printed_as_they_are(capsys):
    terminal().print("[red]3[/red] " + "x" * 200)
    assert capsys.readouterr().out == "[red]3[/red] " + "x" * 200 + "\n"
