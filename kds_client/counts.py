"""Pure: how much of what is still to be cooked, over all tickets together."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.ticket import Stage
from shared.terminal import TicketRow


@dataclass(frozen=True, slots=True)
class Variant:
    """A way in which an item is wanted, such as "medium rare"; empty for as it is."""

    words: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ItemCount:
    """An item with how many are to be cooked in all, and how they are wanted where they differ."""

    name: str
    quantity: int
    variants: tuple[Variant, ...]


def all_day(rows: Iterable[TicketRow]) -> tuple[ItemCount, ...]:
    """What stands on these tickets and is neither done, voided nor ready; the largest count first, then by name."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        if row.ticket.status.rank >= Stage.READY.rank:
            continue
        for item in row.ticket.items:
            if item.done or item.voided:
                continue
            variants = found.setdefault(item.name, {})
            words = " · ".join((*item.modifiers, *((item.note,) if item.note else ())))
            variants[words] = variants.get(words, 0) + item.quantity
    counts = [ItemCount(name, sum(variants.values()), _variants(variants)) for name, variants in found.items()]
    return tuple(sorted(counts, key=lambda count: (-count.quantity, count.name)))


def _variants(found: dict[str, int]) -> tuple[Variant, ...]:
    """The ways an item is wanted, most wanted first; none when everybody wants it as it is."""
    if set(found) == {""}:
        return ()
    return tuple(Variant(words, count) for words, count in sorted(found.items(), key=lambda one: (-one[1], one[0])))
