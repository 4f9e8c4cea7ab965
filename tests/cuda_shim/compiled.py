"""A kernel file's text compiled by g++ into a library that holds one entry for each kernel."""

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from cuda_shim.plugin import kernels

HERE = Path(__file__).parent
OPTIONS = ("-std=c++17", "-O1", "-ffp-contract=off", "-U_FORTIFY_SOURCE", "-fPIC", "-shared")
TYPES = {"real": "real", "long long": "long long"}


@cache
def compiler():
    """The C++ compiler's path, or None."""
    return shutil.which("g++")


def library(file, text, dtype):
    """The kernels of one text for one dtype, as a ctypes library."""
    return _loaded(file, text, dtype, kernels.program(text, dtype))  # with what the text includes as it is now


@cache
def library_of(program):
    """The kernels of a whole program."""
    return _loaded("program.cu", program, "float64" if "typedef double real" in program else "float32", program)


@cache
def _loaded(file, text, dtype, program):
    source = _source(file, text, program)
    key = hashlib.sha256(source.encode() + (HERE / "cuda_shim.hpp").read_bytes() + repr(OPTIONS).encode()).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"xpnet-cuda-shim-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    built = folder / f"{Path(file).stem}-{dtype}-{key[:16]}.so"
    if not built.exists():
        _build(source, built)
    return ctypes.CDLL(str(built))


def _build(source, built):
    with tempfile.TemporaryDirectory() as folder:
        path, made = Path(folder) / "kernels.cpp", Path(folder) / "kernels.so"
        path.write_text(source)
        command = [compiler(), *OPTIONS, f"-I{HERE}", str(path), "-o", str(made)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            msg = f"g++ refuses the kernels:\n{result.stderr}"
            raise SyntaxError(msg)
        shutil.copy(made, f"{built}.{os.getpid()}")
        Path(f"{built}.{os.getpid()}").replace(built)  # whole or not at all, with several test processes


def _source(file, text, program):
    entries = "\n".join(map(_entry, kernels.kernels_in(file, text)))
    room = "alignas(16) long long shared_room[shim::WORDS + shim::GUARD];"
    return f'#include "cuda_shim.hpp"\n{program}\n{room}\n{entries}\n'


def _entry(kernel):
    """A C function that unpacks the arguments as a launch passes them: pointers to their values."""
    unpacked = ", ".join(
        f"*({TYPES.get(kind, kind)}*)args[{place}]" for place, (kind, _) in enumerate(kernel.parameters)
    )
    name = kernel.name
    return f"""
static void body_{name}(void** args) {{ {name}({unpacked}); }}
extern "C" int run_{name}(void** args, unsigned blocks, unsigned threads, long long words, int falling) {{
    return shim::run(body_{name}, args, blocks, threads, words, falling, shared_room);
}}"""
