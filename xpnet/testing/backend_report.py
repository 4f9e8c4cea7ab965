"""What the contract checker of backends found."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class BackendLine:
    """One clause: how many comparisons it made, the largest relative error, and what is wrong, if anything."""

    clause: str
    comparisons: int
    error: float
    seconds: float
    problems: tuple[str, ...] = ()


@dataclass
class BackendReport:
    """What was proved of a backend, clause by clause; `print(report)` shows it as a table."""

    backend: str
    lines: list[BackendLine] = field(default_factory=list)

    @property
    def comparisons(self) -> int:
        """Comparisons made in all clauses."""
        return sum(line.comparisons for line in self.lines)

    @property
    def error(self) -> float:
        """The largest relative error of all."""
        return max((line.error for line in self.lines), default=0.0)

    def __str__(self) -> str:
        seconds = sum(line.seconds for line in self.lines)
        head = f"{self.backend}: {len(self.lines)} clauses, {self.comparisons} comparisons, {seconds:.1f} s"
        return "\n".join(
            [head, *(f"  {line.clause:44}{line.comparisons:6}  error {line.error:.1e}" for line in self.lines)]
        )
