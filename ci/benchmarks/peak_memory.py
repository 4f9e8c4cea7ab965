"""What a million labels cost in memory: the public trainer in a process of its own, and how far its memory rises.

Run as a script it prints a line of JSON for each call: seconds, and MiB above what stood before, label matrix included.
"""

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

LABELS, CODE, BATCH = 1_000_000, 84, 256
STATUS, MARKS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def measured() -> list[dict[str, Any]]:
    """The calls in a fresh process; empty where the system does not tell a process its peak."""
    if not (STATUS.exists() and MARKS.exists()):
        return []
    shown = subprocess.run([sys.executable, __file__], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in shown.stdout.splitlines()]


def sentence(calls: list[dict[str, Any]]) -> str:
    """The calls for people."""
    told = "; ".join(f"{call['call']}: {call['MiB']:.0f} MiB, {call['seconds']:.2f} s" for call in calls)
    if not calls:
        return "this system does not tell a process its peak"
    return f"above a label matrix of {LABELS:,} codes of {CODE} ({4 * LABELS * CODE >> 20} MiB), batch {BATCH}: {told}"


def main() -> None:
    """Measure here."""
    import numpy as np

    import xpnet as xn

    random = np.random.default_rng(0)
    codes = random.standard_normal((LABELS, CODE), dtype=np.float32)
    samples, label = random.standard_normal((BATCH, 784), dtype=np.float32), random.integers(LABELS, size=BATCH)
    net = xn.Cascade(xn.Linear(784, 100), xn.Tanh(), xn.Linear(100, CODE))
    trainer = xn.Trainer(net, xn.Euclidean())
    before = _memory("VmRSS")
    trainer.run(samples, codes[:20_000], top=1)  # compilers and libraries have come in
    trainer.learn_sample(samples, label % 20_000, codes[:20_000], learning_rate=1e-3)
    calls = {
        "run(top=1)": lambda: trainer.run(samples, codes, top=1),
        "answer(top=5)": lambda: trainer.answer(samples, codes, top=5),
        "one likelihood step": lambda: trainer.learn_sample(samples, label, codes, learning_rate=1e-3),
    }
    for name, call in calls.items():
        MARKS.write_text("5")  # the peak counts from here
        start = perf_counter()
        call()
        seconds = perf_counter() - start
        print(json.dumps({"call": name, "MiB": max(_memory("VmHWM") - before, 0.0), "seconds": seconds}))


def _memory(field: str) -> float:
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(lines[field].split()[0]) / 1024


if __name__ == "__main__":
    main()
