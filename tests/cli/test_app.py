import subprocess
import sys

import pytest

from xpnet import __version__
from xpnet.cli.app import describe
from xpnet.errors import RecipeError, ShapeError

COMMANDS = ("train", "run", "evaluate", "doctor", "check", "draw")


def test_help_lists_every_command(xpnet):
    shown = xpnet("--help")
    assert shown.code == 0
    assert all(f" {command} " in shown.out for command in COMMANDS)
    assert "xpnet train examples/digits.toml" in " ".join(shown.out.replace("│", " ").split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_teaches_with_examples(xpnet, command):
    shown = xpnet(command, "--help")
    assert shown.code == 0
    assert "Examples:" in shown.out
    assert f"xpnet {command}" in shown.out.partition("Examples:")[2]


def test_an_error_is_one_line_and_its_own_exit_code(xpnet):
    shown = xpnet("train", "absent.toml")
    assert (shown.code, shown.out) == (RecipeError.exit_code, "")
    assert shown.err == "error: cannot read the recipe absent.toml: No such file or directory\n"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_debug_shows_the_traceback_wherever_it_stands(xpnet, place):
    arguments = ["train", "absent.toml"]
    arguments.insert(place, "--debug")
    shown = xpnet(*arguments)
    assert shown.code == RecipeError.exit_code
    assert shown.err.startswith("Traceback (most recent call last):")
    assert shown.err.endswith("error: cannot read the recipe absent.toml: No such file or directory\n")


def test_the_version_is_told(xpnet):
    shown = xpnet("--version")
    assert (shown.code, shown.out) == (0, f"xpnet {__version__}\n")


@pytest.mark.parametrize("command", ["train", "run", "draw"])
def test_flags_take_no_value(xpnet, command):
    flags = [line for line in xpnet(command, "--help").out.splitlines() if "--" in line and "--help" not in line]
    assert flags
    assert not any("<bool>" in line for line in flags)


def test_places_that_containers_noted_are_told():
    error = ShapeError("wrong width")
    error.add_note("in fprop of '0'")
    assert describe(error) == "wrong width; in fprop of '0'"


def test_an_unknown_command_is_a_usage_error(xpnet):
    shown = xpnet("trian")
    assert shown.code == 2
    assert "Did you mean 'train'?" in shown.err


def test_help_loads_no_array_library():
    code = (
        "import sys; from xpnet.cli import app\n"
        "sys.argv = ['xpnet', '--help']\n"
        "try: app.main()\n"
        "except SystemExit: print('numpy' in sys.modules, 'pydantic' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "False False\n"
