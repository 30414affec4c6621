"""Pure: what is known of a night besides its files: when what happened, and what proves that it did."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that the plan breaks: whether it really was so this night, and by what that is known."""

    what: str
    happened: bool
    evidence: str


@dataclass
class Night:
    """What the conductor knows. Moments of events in seconds after the doors opened; `opened_ms` since 1970."""

    seconds: float = 0.0
    kills: int = 0
    opened_ms: int = 0
    operations_lost: int = 0
    """Operations that the server had done when the answer that said so was lost on the tills' lines."""
    operations_answered: int = 0
    became_quiet: bool = False
    events: list[tuple[float, str]] = field(default_factory=list)
    moments: dict[str, float] = field(default_factory=dict)
    """When each thing was broken and mended, by name, in seconds after the doors opened."""
    proofs: list[Proof] = field(default_factory=list)
    processes: dict[str, dict[str, Any]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    @property
    def was_bad(self) -> bool:
        """Whether everything that was to be broken was: a tame night proves nothing."""
        return bool(self.proofs) and all(proof.happened for proof in self.proofs)
