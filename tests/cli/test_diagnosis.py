from xpnet.backend import SETTINGS, available_backends
from xpnet.cli.diagnosis import PACKAGES, backend_table, setting_table, verdict, version_table


def _column(table, index):
    return list(table.columns[index].cells)


def test_every_setting_backend_and_package_has_its_row():
    assert _column(setting_table(), 0) == [entry.variable for entry in SETTINGS.values()]
    assert _column(backend_table(), 0) == available_backends()
    assert _column(version_table(), 0) == ["python", *PACKAGES]


def test_facts_or_cause():
    rows = dict(zip(_column(backend_table(), 0), zip(*(_column(backend_table(), k) for k in (1, 2)), strict=True)))  # noqa: B905
    assert rows["numpy"][0] == "yes"
    assert "can: views, inplace, float64; accelerated: " in rows["numpy"][1]
    assert "; numba " in rows["numpy"][1]
    if rows["cupy"][0] == "no":
        assert "cannot run here" in rows["cupy"][1]


def test_a_plugin_that_fails_in_its_own_way_is_told_too(monkeypatch):
    def broken(*_, **__):
        msg = "libmylib.so: cannot open shared object file"
        raise OSError(msg)

    monkeypatch.setattr("xpnet.cli.diagnosis.get_backend", broken)
    assert set(_column(backend_table(), 2)) == {"OSError: libmylib.so: cannot open shared object file"}
    assert verdict() == ("the backend in force cannot be used: OSError: libmylib.so: cannot open shared object file", 1)


def test_a_package_that_is_missing_is_told(monkeypatch):
    monkeypatch.setattr("xpnet.cli.diagnosis.PACKAGES", ("no-such-package",))
    assert _column(version_table(), 1)[1] == "not installed"


def test_the_verdict_has_the_exit_code(monkeypatch):
    assert verdict()[1] == 0
    monkeypatch.setenv("XPNET_BACKEND", "absent")
    assert verdict()[1] == 64
