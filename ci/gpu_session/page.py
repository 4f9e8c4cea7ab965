"""The dated page: facts, an overview, and a part for each section that may be replaced on its own."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from gpu_session.running import ENDED

PART = re.compile(r"<!-- section: (?P<said>\{.*?\}) -->\n(?P<body>.*?)\n<!-- end -->", re.DOTALL)
FACTS = re.compile(r"<!-- facts: (?P<said>\{.*\}) -->")


@dataclass(frozen=True)
class Part:
    """What one section came to; code None: it was still running when this was written."""

    name: str
    title: str
    code: int | None
    seconds: float
    when: str
    commit: str
    how: str = ""  # "quick", or what pytest was given beside
    counts: str = ""
    body: str = field(default="", compare=False)

    @property
    def outcome(self) -> str:
        """The exit code in words."""
        if self.code is None:
            return "did not end"
        return {0: "passed", ENDED: "ended by its time limit"}.get(self.code, f"failed (exit code {self.code})")


class Page:
    """A result page on disk."""

    def __init__(self, path: Path, facts: Mapping[str, str], parts: Sequence[Part] = ()) -> None:
        self.path, self.facts = path, dict(facts)
        self.parts = {part.name: part for part in parts}

    def put(self, part: Part, order: Sequence[str]) -> None:
        """Set or replace one part, and write the page; parts stand in the order of the sections."""
        self.parts[part.name] = part
        known = {name: place for place, name in enumerate(order)}
        self.parts = dict(sorted(self.parts.items(), key=lambda item: known.get(item[0], len(known))))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".part")
        beside.write_text(self.text())
        os.replace(beside, self.path)  # noqa: PTH105

    def text(self) -> str:
        """All of it, as Markdown."""
        told = "\n".join(f"- {name}: {text}" for name, text in self.facts.items())
        title = f"# {self.facts['device']}, {self.path.stem[:10]}"
        kept = f"<!-- facts: {json.dumps(self.facts)} -->"
        head = f"{title}\n\nWritten by `ci/gpu`; logs stand beside it in logs/, or in build/gpu.\n{kept}"
        return "\n\n".join([head, told, self._overview(), *map(_shown, self.parts.values())]) + "\n"

    def _overview(self) -> str:
        cells = [
            (each.name, each.outcome, each.counts, f"{each.seconds:.0f} s", each.when, each.commit, each.how)
            for each in self.parts.values()
        ]
        rows = [f"| {' | '.join(row)} |" for row in cells]
        return "\n".join(
            ["| section | outcome | tests | time | when (UTC) | commit | how |", "|---|---|---|---|---|---|---|", *rows]
        )


def _shown(part: Part) -> str:
    said = {name: value for name, value in asdict(part).items() if name != "body"}
    told = [part.outcome, part.counts, f"{part.seconds:.0f} s", f"{part.when} UTC", f"commit {part.commit}", part.how]
    line = ", ".join(filter(None, told))
    body = f"\n\n{part.body}" if part.body else ""
    return f"<!-- section: {json.dumps(said)} -->\n## {part.title}\n\n{line}{body}\n<!-- end -->"


def read(text: str) -> tuple[dict[str, str], list[Part]]:
    """Facts and parts of a page's text."""
    found = FACTS.search(text)
    parts = []
    for match in PART.finditer(text):
        _, _, rest = match["body"].partition("\n\n")  # title, line, body
        parts.append(Part(**json.loads(match["said"]), body=rest.partition("\n\n")[2]))
    return json.loads(found["said"]) if found else {}, parts


def open_page(folder: Path, begun: Path, facts: Mapping[str, str]) -> Page:
    """Today's page of this device: from `folder`, else from `begun`, else new.

    One that tells other facts (another driver, another CuPy) is left alone: the next number is taken.
    """
    stem = f"{date.today():%Y-%m-%d}-{slug(facts['device'])}"
    number = 1
    while True:
        name = f"{stem}.md" if number == 1 else f"{stem}-{number}.md"
        there = next((place / name for place in (folder, begun) if (place / name).exists()), None)
        old, parts = read(there.read_text()) if there else (dict(facts), [])
        if old == dict(facts):
            return Page(folder / name, facts, parts)
        number += 1


def slug(device: str) -> str:
    """The device's name as part of a file name.

    >>> slug("NVIDIA H100 80GB HBM3")
    'nvidia-h100-80gb-hbm3'
    """
    return re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-")
