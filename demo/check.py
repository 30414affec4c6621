"""Says from a night's files alone whether anything was lost, doubled or differs: `python -m demo.check DIR`."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from demo.differences import payment_differences, tickets_missing, views_unequal
from demo.doubles import doubled, out_of_order
from demo.evidence import gather
from demo.losses import lost, told_to_a_person


@dataclass(slots=True)
class Findings:
    """The figures of a night; all but the first two have to be 0. `details` says in words what is wrong."""

    orders_rung: int = 0
    orders_on_server: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    payments_difference_minor: int = 0
    tickets_missing: int = 0
    views_unequal: int = 0
    told: int = 0
    """Lines that a conflict kept off the server and about which a person has an alert: not lost, not done either."""
    details: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether the promise was kept: and something was rung up at all, since an empty night proves nothing."""
        figures = (
            self.lost,
            self.doubled,
            self.out_of_order,
            self.payments_difference_minor,
            self.tickets_missing,
            self.views_unequal,
        )
        return self.orders_rung > 0 and self.orders_rung == self.orders_on_server and not any(figures)


def check(folder: Path) -> Findings:
    """Check a night. It knows nothing but the files: databases and the journals of what screens called saved."""
    evidence = gather(folder)
    findings = Findings()
    rung = {entry.text("order") for entry in evidence.journal if entry.event in ("sent", "paid")}
    findings.orders_rung = len(rung)
    findings.orders_on_server = len(rung & evidence.server.orders.keys())
    told = told_to_a_person(evidence)
    findings.told = len(told)
    for name, problems in (
        ("lost", lost(evidence, told)),
        ("doubled", doubled(evidence)),
        ("out_of_order", out_of_order(evidence)),
        ("tickets_missing", tickets_missing(evidence)),
        ("views_unequal", views_unequal(evidence)),
    ):
        found = list(problems)
        setattr(findings, name, len(found))
        findings.details += [f"{name}: {words}" for words in found]
    for words, off_minor in payment_differences(evidence):
        findings.payments_difference_minor += off_minor
        findings.details.append(f"payments: {words}")
    return findings


def main() -> int:
    """Check the night named on the command line; 0 when the promise was kept."""
    if len(sys.argv) != 2:
        print("Say which night: python -m demo.check DIR", file=sys.stderr)
        return 2
    try:
        findings = check(Path(sys.argv[1]))
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    for name, words in WORDS.items():
        print(f"{words:<46}{getattr(findings, name):>8}")
    for words in findings.details[:50]:
        print(f"  {words}")
    print("The promise was kept." if findings.is_clean else "THE PROMISE WAS BROKEN.")
    return 0 if findings.is_clean else 1


WORDS: Final = {
    "orders_rung": "orders rung up",
    "orders_on_server": "of these on the server",
    "lost": "lost",
    "doubled": "doubled",
    "out_of_order": "out of order within an order",
    "payments_difference_minor": "payments: tills against server, minor units",
    "tickets_missing": "tickets: kitchen against server",
    "views_unequal": "views that differ from the server",
    "told": "lines that conflicts left to a person",
}

if __name__ == "__main__":
    sys.exit(main())
