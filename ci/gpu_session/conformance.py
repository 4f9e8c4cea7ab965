"""The conformance kit on the real backend: every override against its reference and a float64 oracle."""

import sys

from xpnet import get_backend
from xpnet.backend import Backend
from xpnet.testing import check_ops


def main(name: str, device: str | None) -> int:
    """Prove the overrides of a backend in both dtypes; 1 if one of them is broken."""
    broken = [
        line for dtype in ("float32", "float64") for line in proved(get_backend(name, device=device, dtype=dtype))
    ]
    print("\n".join([f"{len(broken)} broken", *broken]))
    return int(bool(broken))


def proved(backend: Backend) -> list[str]:
    """What is broken, one primitive after the other, so that one does not hide the next."""
    broken = []
    for primitive in sorted(backend.ops.accelerated):
        try:
            print(check_ops(backend, [primitive]), flush=True)
        except Exception as error:  # a kernel that does not compile is as broken as one that computes wrongly
            broken.append(f"{backend!r}, {primitive}: {type(error).__name__}: {error}")
            print(f"BROKEN {broken[-1]}", flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
