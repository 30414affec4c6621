"""The code with one part spoiled, and the stage and seed that catch each: `python -m tests.simulation.mutants`.

Each is played on its kept seed, which the clean code passes, and has to break a promise there. After a change of the
code another seed may be the first one: then a few more are tried, and `--find` looks for all anew, in `mutants.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.clock import SystemClock
from shared.wire.requests import Kind
from tests.contract.dying_server import TwoTransactions
from tests.simulation import envelopes
from tests.simulation import spoiled_client as client
from tests.simulation import spoiled_money as money
from tests.simulation import spoiled_moves as moves
from tests.simulation import spoiled_server as server
from tests.simulation.devices import Code
from tests.simulation.healing_stories import InArrivalOrder
from tests.simulation.shift_evenings import ClosesAtOnce
from tests.simulation.stages import broken

KEPT: Final = Path(__file__).parent / "mutants.json"
SEEDS: Final = range(200)
"""Where `--find` looks."""

AFTER: Final = range(8)
AT_STATEMENTS: Final = range(1, 60)
"""Where a mutant is looked for whose kept seed shows it no more; a statement more before it moves all that follow."""

CLEAN: Final = Code()


@dataclass(frozen=True)
class Mutant:
    """One spoiled code, and the stage on which it is to be caught."""

    stage: str
    code: Code

    @property
    def name(self) -> str:
        """What is wrong with it."""
        return self.code.name


RUSH, NIGHT, TOGETHER, MOVES = "a rush", "a night", "a night with batches", "a rush with moves"
STORM: Final = "a storm with shifts and cards"

MUTANTS: Final = (
    Mutant(RUSH, Code("dequeue before send", ledger=client.DequeuesFirst)),
    Mutant(NIGHT, Code("give up after n failures", ledger=client.GivesUp)),
    Mutant(NIGHT, Code("attempts counted while offline", ledger=client.CountsSilence)),
    Mutant(
        "an evening that ends a day later", Code("forget operation ids after a day", serve=server.forgets_after_a_day)
    ),
    Mutant(
        "the server dies at a statement",
        Code("effect and operation row in two transactions", operations=TwoTransactions),
    ),
    Mutant(RUSH, Code("cursor by time", serve=server.pages_by_time)),
    Mutant(RUSH, Code("one revision for two entities", serve=server.one_revision_for_all)),
    Mutant(RUSH, Code("rows and cursor in two transactions", ledger=client.CursorFirst)),
    Mutant(RUSH, Code("single layer cache", accept=client.accept_in_one_layer)),
    Mutant(RUSH, Code("acceptance without proof", judge=client.believes_everybody)),
    Mutant(RUSH, Code("Fix at the end of the lane", retry=client.retry_at_the_end)),
    Mutant("a conflict", Code("CONFLICT lets its dependants run", ledger=client.LetsDependantsRun)),
    Mutant(RUSH, Code("close without its lines", takes_all=Kind.CLOSE_ORDER)),
    Mutant(RUSH, Code('send of "what is unsent"', takes_all=Kind.SEND_TO_KITCHEN)),
    Mutant(RUSH, Code("mark as last-write-wins", serve=server.last_mark_wins)),
    Mutant(TOGETHER, Code("batch goes on after a refusal in the lane", goes_on=True)),
    Mutant("many sick orders", Code("probe by lowest seq", ledger=client.ProbesTheOldest)),
    Mutant(RUSH, Code("a second tap is a second intention", accept=client.SecondIntentions())),
    Mutant("a restored server", Code("restore not noticed", starts_afresh=True)),
    Mutant("sold on both histories", Code("healing in arrival order", ledger=InArrivalOrder)),
    Mutant("power cuts", Code("synchronous=NORMAL under power cuts", synchronous="NORMAL")),
    # Not in the list of the design, and as reasonable:
    Mutant(MOVES, Code("a transfer leaves a copy", serve=moves.transfer_leaves_a_copy)),
    Mutant(MOVES, Code("a merge forgets what comes late", serve=moves.merge_forgets_what_comes_late)),
    Mutant(MOVES, Code("a split brings nothing", serve=moves.split_brings_nothing)),
    Mutant(STORM, Code("a pay-in that comes again counts twice", serve=money.moves_cash_again)),
    Mutant(STORM, Code("the end of a shift overtakes its bills", ledger=ClosesAtOnce)),
    Mutant(STORM, Code("a card is asked again when the wish comes again", serve=money.asks_the_card_again)),
    Mutant(STORM, Code("a cancelled card is over before the server says so", cancel=client.believes_the_cancel)),
    Mutant(RUSH, Code("REPLAYING not reset", ledger=client.ForgetsToReset)),
    Mutant(RUSH, Code("id made anew at a retry", renames=True)),
    Mutant(NIGHT, Code("single lane", ledger=client.OneLane)),
    Mutant(TOGETHER, Code("client settles by position without proof", reads=envelopes.echoed_by_position)),
    Mutant(
        TOGETHER,
        Code("the envelope's status is every operation's verdict", reads=envelopes.done_as_the_envelope),
    ),
)


def kept_seeds() -> dict[str, int]:
    """For each mutant the first seed of its stage on which it breaks a promise."""
    found: dict[str, int] = json.loads(KEPT.read_text(encoding="utf-8"))
    return found


def caught(mutant: Mutant) -> tuple[int, str] | None:
    """The seed on which this mutant breaks a promise, and the words for that: the kept one, or one that follows it."""
    following = AT_STATEMENTS if mutant.stage.endswith("at a statement") else AFTER
    for seed in dict.fromkeys((kept_seeds()[mutant.name], *following)):
        words = broken(mutant.stage, seed, mutant.code)
        if words:
            return seed, words[0]
    return None


def first_failing(mutant: Mutant) -> int | None:
    """The first seed on which this mutant breaks a promise that the clean code keeps there."""
    return next((s for s in SEEDS if broken(mutant.stage, s, mutant.code) and not broken(mutant.stage, s, CLEAN)), None)


def find(mutants: Sequence[Mutant]) -> None:
    """Look for first seeds and keep them."""
    for mutant in mutants:
        seed = first_failing(mutant)
        sys.stderr.write(f"{mutant.name}: {seed}\n")
        if seed is not None:
            text = json.dumps({**kept_seeds(), mutant.name: seed}, indent=1, sort_keys=True)
            KEPT.write_text(text + "\n", encoding="utf-8")


def run(mutants: Sequence[Mutant]) -> tuple[list[dict[str, object]], list[str]]:
    """Play each, and the clean code on the seeds that caught them. Returns what was found, and what that broke."""
    clock = SystemClock()
    found: list[dict[str, object]] = []
    played: set[tuple[str, int]] = set()
    for mutant in mutants:
        began_s = clock.monotonic_s()
        at = caught(mutant)
        seconds = round(clock.monotonic_s() - began_s, 1)
        seed, words = (None, None) if at is None else at
        said = {"stage": mutant.stage, "seed": seed, "broken": words}
        found.append({"name": mutant.name, "caught": at is not None, "seconds": seconds, **said})
        played |= set() if seed is None else {(mutant.stage, seed)}
    wrong = [f"{stage}, seed {seed}: {words}" for stage, seed in sorted(played) for words in broken(stage, seed, CLEAN)]
    return found, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 1 if a mutant is not caught, or if the clean code breaks a promise on a kept seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants", description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--find", action="store_true", help="look for the first failing seeds, and keep them")
    parser.add_argument("--only", default="", help="those whose name holds this")
    asked = parser.parse_args(arguments)
    mutants = [mutant for mutant in MUTANTS if asked.only in mutant.name]
    if asked.find:
        find(mutants)
    found, wrong = run(mutants)
    text = json.dumps(found, indent=2)
    sys.stdout.write(text + "\n")
    for words in wrong:
        sys.stderr.write(f"the clean code breaks this too: {words}\n")
    if asked.json is not None:
        asked.json.write_text(text + "\n", encoding="utf-8")
    return 0 if all(one["caught"] for one in found) and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
