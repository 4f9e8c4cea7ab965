"""Compile every CUDA kernel text for float and double and every architecture with NVRTC, which needs no GPU."""

import argparse
import importlib.util
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
ARCHITECTURES = ("sm_80", "sm_90", "sm_100", "sm_120")
MISSING = "not run: pip install cuda-core cuda-bindings nvidia-cuda-nvrtc (NVRTC compiles kernels without a GPU)"
FACTS = re.compile(
    r"Compiling entry function '(?P<kernel>\w+)'.*?(?P<stores>\d+) bytes spill stores, (?P<loads>\d+) bytes spill loads"
    r".*?Used (?P<registers>\d+) registers(?P<rest>[^\n]*)",
    re.DOTALL,
)
SHARED = re.compile(r"(\d+) bytes smem")


@dataclass(frozen=True)
class Built:
    """One kernel as one architecture has it: registers a thread, bytes spilled, bytes of static shared memory."""

    kernel: str
    dtype: str
    arch: str
    registers: int
    spilled: int
    shared: int


class CompileError(Exception):
    """A text that NVRTC refuses or warns about."""


def texts() -> ModuleType:
    """xpnet_cupy.kernels.texts, which needs no CuPy, while its package does."""
    path = ROOT / "backends/xpnet_cupy/kernels/texts.py"
    spec = importlib.util.spec_from_file_location("kernel_texts", path, submodule_search_locations=[str(path.parent)])
    if spec is None or spec.loader is None:
        msg = f"{path} is missing"
        raise FileNotFoundError(msg)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def compiler() -> ModuleType | None:
    """cuda.core with NVRTC behind it, or None."""
    try:
        core = importlib.import_module("cuda.core")
        core.Program("", "c++", core.ProgramOptions(arch="sm_80")).compile("cubin")
    except Exception:  # a missing module, or a missing library in one of several types
        return None
    return core


def build(core: ModuleType, file: str, program: str, dtype: str, arch: str) -> Iterator[Built]:
    """The kernels of one program; CompileError with the compiler's words for an error or a warning."""
    log, options = io.StringIO(), core.ProgramOptions(arch=arch, std="c++17", ptxas_options="-v")
    try:
        core.Program(program, "c++", options).compile("cubin", logs=log)
    except Exception as error:
        msg = f"{file}, {dtype}, {arch}: {error}\n{log.getvalue()}"
        raise CompileError(msg) from error
    words = log.getvalue()
    if re.search(r"\bwarning\b", words, re.IGNORECASE):
        msg = f"{file}, {dtype}, {arch}: {words}"
        raise CompileError(msg)
    for facts in FACTS.finditer(words):
        shared = SHARED.search(facts["rest"])
        spilled = int(facts["stores"]) + int(facts["loads"])
        yield Built(facts["kernel"], dtype, arch, int(facts["registers"]), spilled, int(shared[1]) if shared else 0)


def build_all(core: ModuleType, architectures: Sequence[str]) -> tuple[list[Built], list[str]]:
    """Every kernel in every form, and what went wrong."""
    kernels, built, wrong = texts(), [], []
    for file in kernels.files():
        wanted = {kernel.name for kernel in kernels.kernels_in(file, kernels.text(file))}
        for dtype in kernels.REALS:
            for arch in architectures:
                try:
                    made = list(build(core, file, kernels.program(kernels.text(file), dtype), dtype, arch))
                except CompileError as error:
                    wrong.append(str(error))
                    continue
                built += made
                if {each.kernel for each in made} != wanted:
                    wrong.append(f"{file}, {dtype}, {arch}: kernels {wanted}; compiled {[e.kernel for e in made]}")
    return built, wrong


def table(built: Sequence[Built], architectures: Sequence[str]) -> Iterator[str]:
    """One line a kernel: registers a thread on each architecture, float/double."""
    yield f"{'kernel':22}" + "".join(f"{arch:>10}" for arch in architectures) + "   (registers, float/double)"
    found = {(each.kernel, each.dtype, each.arch): each for each in built}
    for kernel in dict.fromkeys(each.kernel for each in built):
        cells = [[found.get((kernel, dtype, arch)) for dtype in ("float32", "float64")] for arch in architectures]
        words = ["/".join(str(each.registers) if each else "-" for each in cell) for cell in cells]
        yield f"{kernel:22}" + "".join(f"{word:>10}" for word in words)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and everything that went wrong; 1 if something did, 0 also where NVRTC is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arch", nargs="+", default=ARCHITECTURES, help="architectures, e.g. sm_80 sm_120")
    architectures = parser.parse_args(arguments).arch
    core = compiler()
    if core is None:
        print(MISSING)
        return 0
    built, wrong = build_all(core, architectures)
    print("\n".join(table(built, architectures)))
    spilled = sum(each.spilled for each in built)
    shared = max((each.shared for each in built), default=0)
    print(f"{len(built)} kernels compiled for {', '.join(architectures)}: {spilled} bytes spilled,")
    print(f"at most {shared} bytes of static shared memory, {len(wrong)} errors or warnings")
    print("\n".join(wrong), file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
