"""The lane that compiles kernels without a GPU: every kernel passes, and what does not compile is told."""

import importlib
import sys

import pytest


@pytest.fixture
def lane(ci_on_path):
    yield importlib.import_module("compile_kernels")
    del sys.modules["compile_kernels"]


@pytest.fixture
def core(lane):
    return lane.compiler() or pytest.skip(lane.MISSING)


@pytest.fixture
def with_text(lane, monkeypatch):
    """with_text(text): the lane sees one kernel file, which holds this text."""

    def replace(text):
        kernels = lane.texts()
        whole = kernels.text
        monkeypatch.setattr(kernels, "files", lambda: ["tanh.cu"])
        monkeypatch.setattr(kernels, "text", lambda file: text if file == "tanh.cu" else whole(file))
        monkeypatch.setattr(lane, "texts", lambda: kernels)

    return replace


@pytest.mark.parametrize("arch", ["sm_80", "sm_120"])
def test_every_kernel_compiles(lane, core, arch):
    kernels = lane.texts()
    built, wrong = lane.build_all(core, [arch])
    assert not wrong
    assert {(each.kernel, each.dtype) for each in built} == {(k, t) for k in kernels.KERNELS for t in kernels.REALS}
    assert all(0 < each.registers <= 128 and each.shared == 0 for each in built)
    assert sum(each.spilled for each in built) == 0


def test_float_stays_float_but_where_a_text_says_double(lane, core):
    nvrtc = pytest.importorskip("cuda.bindings.nvrtc")
    kernels = lane.texts()
    doubles = {file for file in kernels.files() if ".f64" in ptx(nvrtc, kernels.program(kernels.text(file), "float32"))}
    assert doubles == {"centred.cu", "label_weights.cu"}


def ptx(nvrtc, program):
    error, handle = nvrtc.nvrtcCreateProgram(program.encode(), b"kernels.cu", 0, [], [])
    assert not int(error)
    [error] = nvrtc.nvrtcCompileProgram(handle, 1, [b"--gpu-architecture=compute_80"])
    assert not int(error)
    _, size = nvrtc.nvrtcGetPTXSize(handle)
    text = b" " * size
    nvrtc.nvrtcGetPTX(handle, text)
    nvrtc.nvrtcDestroyProgram(handle)
    return text.decode()


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("tanh(y[i]", "tahn(y[i]", "tahn"),
        ("FOR_EACH(i, count) dx", "int unused; FOR_EACH(i, count) dx", "unused"),
        ("dx[i] = ", "const real z = dx[i] = ; z = ", "expected an expression"),
    ],
)
def test_an_error_or_a_warning_is_a_failure(lane, core, with_text, capsys, right, wrong, words):
    text = lane.texts().text("tanh.cu")
    assert right in text
    with_text(text.replace(right, wrong))
    assert lane.main(["--arch", "sm_80"]) == 1
    told = capsys.readouterr().err
    assert "tanh.cu, float32, sm_80" in told
    assert words in told


def test_a_kernel_that_the_compiler_does_not_see_is_a_failure(lane, core, with_text, capsys):
    text = lane.texts().text("tanh.cu")
    with_text(text + '\n#if 0\nextern "C" __global__ void hidden(real* y) {}\n#endif\n')
    assert lane.main(["--arch", "sm_80"]) == 1
    assert "hidden" in capsys.readouterr().err


def test_right_texts_make_a_table(lane, core, with_text, capsys):
    with_text(lane.texts().text("tanh.cu"))
    assert lane.main(["--arch", "sm_80", "sm_120"]) == 0
    told = capsys.readouterr().out
    assert "tanh_vjp" in told
    assert "0 errors or warnings" in told


def test_without_nvrtc_the_lane_says_what_to_install(lane, monkeypatch, capsys):
    monkeypatch.setattr(lane, "compiler", lambda: None)
    assert lane.main([]) == 0
    assert capsys.readouterr().out.startswith("not run: pip install cuda-core")
