"""The one way to standard output for words and tables."""

from rich.console import Console


def terminal() -> Console:
    """A console that prints texts as they are: no markup (a label may be called "[b]"), no colours for numbers."""
    return Console(highlight=False, markup=False, soft_wrap=True)
