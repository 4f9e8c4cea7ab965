"""The backend of backends/README.md as a distribution of its own: built, installed elsewhere, trained on and proved.

Nothing of xpnet changes, and no network is needed: the wheels are written here, as a build tool would write them.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from safetensors.numpy import load_file

import xpnet

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "backends" / "README.md").read_text(encoding="utf-8")
LIBRARY = (Path(__file__).parent / "mylib.py").read_text(encoding="utf-8")
RECIPE = ROOT / "examples" / "digits.toml"
COMMAND = "import sys; from xpnet.cli.app import main; main()"


def shown_in_the_guide(file):
    """The block whose first line names the file."""
    return re.search(rf"```\w+\n# {re.escape(file)}\n(.*?)```", GUIDE, re.DOTALL)[1]


def wheel(folder, project, files):
    """A wheel for the [project] table of a pyproject.toml: files, metadata, entry points, and RECORD."""
    name, version = project["name"].replace("-", "_"), project["version"]
    info = f"{name}-{version}.dist-info"
    points = project.get("entry-points", {})
    written = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "".join(
            f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items())
            for group, entries in points.items()
        ),
    }
    lines = [f"{path},sha256={_digest(text)},{len(text.encode())}" for path, text in written.items()]
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in (written | {f"{info}/RECORD": "\n".join([*lines, f"{info}/RECORD,,", ""])}).items():
            archive.writestr(inside, text)
    return path


def _digest(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def install(folder, *wheels):
    """Install the wheels into a folder, without network."""
    pytest.importorskip("pip", reason="pip is not installed: a plugin cannot be installed here")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(folder)]
    subprocess.run([*command, *map(str, wheels)], check=True, capture_output=True)


def plugin(folder, name, code):
    """The wheel of a distribution xpnet-<name> whose package holds this code."""
    points = {"xpnet.backends": {name: f"xpnet_{name}:BACKEND"}}
    project = {"name": f"xpnet-{name}", "version": "1.0", "entry-points": points}
    return wheel(folder, project, {f"xpnet_{name}/__init__.py": code})


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with mylib and its plugin installed."""
    build, target = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("site")
    project = tomllib.loads(shown_in_the_guide("pyproject.toml"))["project"]
    package = {"xpnet_mylib/__init__.py": shown_in_the_guide("xpnet_mylib/__init__.py")}
    library = wheel(build, {"name": "mylib", "version": "1.0"}, {"mylib.py": LIBRARY})
    install(target, library, wheel(build, project, package))
    return target


@pytest.fixture
def python(installed, tmp_path):
    """Runs Python outside the tree, with the folder on its path: exit code, output and errors."""

    def run(code, *arguments, site=installed, warnings="error", **settings):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XPNET_")}
        path = os.pathsep.join(filter(None, [str(site), kept.pop("PYTHONPATH", "")]))
        environment = kept | {"PYTHONPATH": path, "COLUMNS": "500"} | settings
        command = [sys.executable, "-W", warnings, "-c", code, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def row(shown, name):
    """The cells of a printed table's row of that name."""
    return next(line.strip() for line in shown.stdout.splitlines() if line.strip().startswith(name))


def digest_of_xpnet():
    files = sorted(Path(xpnet.__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def test_the_plugin_is_usable(python):
    shown = python(COMMAND, "doctor", XPNET_BACKEND="mylib")
    assert shown.returncode == 0, shown.stderr
    assert row(shown, "mylib").split()[1] == "yes"
    assert "1.0 MylibBackend(device='box:0', dtype='float32'); can: float64" in row(shown, "mylib")
    assert "in force: MylibBackend(device='box:0', dtype='float32')" in shown.stdout


@pytest.mark.parametrize("options", [(), ("--device", "box:1", "--dtype", "float64")])
def test_the_plugin_keeps_its_contract(python, options):
    shown = python(COMMAND, "check", "--backend", "mylib", *options)
    assert shown.returncode == 0, shown.stderr
    assert "keeps its contract" in shown.stdout
    assert int(row(shown, "mixed devices are refused").split()[-2]) > 5


def test_the_plugin_trains_to_the_same_parameters(python, tmp_path):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: it brings the digits")
    before = digest_of_xpnet()
    short = ("--set", "training.epochs=2", "--set", "training.checkpoint_every=2")
    for name in ("mylib", "numpy"):
        shown = python(COMMAND, "train", str(RECIPE), *short, "--run-dir", name, XPNET_BACKEND=name)
        assert shown.returncode == 0, shown.stderr
    ours, theirs = (_parameters(tmp_path / name) for name in ("mylib", "numpy"))
    assert ours.keys() == theirs.keys()
    assert len(ours) >= 4
    for name, value in ours.items():
        assert abs(value - theirs[name]).max() < 1e-4 * max(1.0, abs(theirs[name]).max()), name
    last = [json.loads((tmp_path / name / "metrics.jsonl").read_text().splitlines()[-1]) for name in ("mylib", "numpy")]
    assert last[0]["held_out_errors"] == last[1]["held_out_errors"] < 60
    assert digest_of_xpnet() == before


def _parameters(run):
    return load_file(max(run.rglob("*.safetensors"), key=lambda path: path.stat().st_mtime))


def test_the_xpnet_that_ran_is_the_installed_one(python):
    shown = python("import xpnet, xpnet_mylib; print(xpnet.__file__); print(xpnet_mylib.__file__)")
    ours, theirs = shown.stdout.splitlines()
    assert Path(ours) == Path(xpnet.__file__)
    assert "site" in theirs


def test_bad_words_to_the_plugin_are_told(python):
    for settings, told in (
        ({"XPNET_DEVICE": "box:7"}, "backend 'mylib' has no device 'box:7'; did you mean"),
        ({"XPNET_PRECISION": "tf32"}, "backend 'mylib' has no precision 'tf32'; known: full"),
    ):
        shown = python(COMMAND, "check", XPNET_BACKEND="mylib", **settings)
        assert (shown.returncode, shown.stderr.count("\n")) == (64, 1)
        assert told in shown.stderr


def test_an_unknown_plugin_asks_for_its_installation(python):
    shown = python(COMMAND, "check", "--backend", "mylbi")
    assert shown.returncode == 64
    assert "unknown backend 'mylbi'; did you mean 'mylib'?" in shown.stderr
    assert "A new plugin is seen once its package is installed again" in shown.stderr


# --- plugins that are broken ------------------------------------------------------------------------------------

FINE = shown_in_the_guide("xpnet_mylib/__init__.py")
BROKEN = {
    "absent": ("import no_such_library_anywhere", "No module named 'no_such_library_anywhere'"),
    "raising": ("raise RuntimeError('the driver is too old')", "the driver is too old"),
    "unparsed": ("def broken(:", "invalid syntax"),
    "empty": ("", "BACKEND"),
    "classless": ("BACKEND = 'a text'", "'a text'"),
    "abstract": ("from xpnet.backend import Backend as BACKEND", "abstract"),
    "failing": (
        FINE.replace("super().__init__(xp, device, dtype)", "raise OSError('no such\\n  device')")
        .replace('"mylib"', '"failing"'), "no such device"
    ),
    "deaf": (FINE.replace("def __init__(self, device=None, dtype=", "def __init__(self, dtype="), "device"),
}  # fmt: skip


@pytest.fixture(scope="module")
def broken(tmp_path_factory, installed):
    """A folder with one plugin of each kind, beside mylib."""
    build, site = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("broken")
    install(site, *(plugin(build, name, code) for name, (code, _) in BROKEN.items()))
    return os.pathsep.join([str(site), str(installed)])


def test_doctor_tells_each_broken_plugin_in_one_row(python, broken):
    shown = python(COMMAND, "doctor", site=broken)
    assert shown.returncode == 0
    assert "Traceback" not in shown.stdout + shown.stderr
    for name, (_, told) in BROKEN.items():
        assert row(shown, name).split()[1] == "no"
        assert told in row(shown, name)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_told_in_one_sentence(python, broken, name):
    shown = python(COMMAND, "check", "Tanh", site=broken, XPNET_BACKEND=name)
    assert (shown.returncode, shown.stderr.count("\n")) == (78, 1), shown.stderr
    assert shown.stderr.startswith(f"error: backend {name!r} cannot run here: ")
    assert BROKEN[name][1] in shown.stderr
