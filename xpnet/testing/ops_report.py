"""What the conformance kit for primitives found."""

from dataclasses import dataclass, field


@dataclass
class OpsReport:
    """What was proved: per primitive, the number of cases and the worst errors of override and reference."""

    backend: str
    cases: dict[str, int] = field(default_factory=dict)
    override_errors: dict[str, float] = field(default_factory=dict)
    reference_errors: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"{self.backend}: {len(self.cases)} primitives, {sum(self.cases.values())} cases"]
        lines += [
            f"  {name:28}{count:5} cases, error {self.override_errors[name]:.1e}, "
            f"reference {self.reference_errors[name]:.1e}"
            for name, count in self.cases.items()
        ]
        return "\n".join(lines)
