"""How much room a ticket takes at one width: its texts broken into lines and the height of each of its pieces."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kds_client.layout import Shape
from kds_client.news import VOID
from kds_client.sizes import Sizes
from kds_client.ticket_face import ItemFace, ItemState, TicketFace
from shared.qt.icons import IconName
from shared.qt.text import FittedText

_KEPT: Final = 2048  # items measured; then the memory starts afresh
_ALL_VOID: Final = "All of it was cancelled"


@dataclass(frozen=True, slots=True)
class ItemLook:
    """An item's texts in lines. `text_left` is where they begin, from the cell's leading edge."""

    face: ItemFace
    text_left: int
    name: FittedText
    details: FittedText | None
    allergies: tuple[FittedText, ...]
    height: int


@dataclass(frozen=True, slots=True)
class NoticeLook:
    """A line about the whole ticket, above its items."""

    icon: IconName
    words: FittedText
    height: int


@dataclass(frozen=True, slots=True)
class TicketLook:
    """A ticket measured for one width; `parts` are as the layout counts them."""

    face: TicketFace
    width: int
    table: FittedText
    order: FittedText
    parts: tuple[NoticeLook | ItemLook, ...]
    shape: Shape

    @property
    def is_whole(self) -> bool:
        """Whether nothing had to be shortened."""
        return self.table.whole and all(_texts_whole(part) for part in self.parts)


class TicketMeasure:
    """Measures tickets in the given sizes, remembering items: most of a board is as it was."""

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._items: dict[tuple[ItemFace, int, int], ItemLook] = {}

    def look(self, face: TicketFace, width: int, *, known: TicketLook | None = None) -> TicketLook:
        """Measure one ticket for a column of this width in pixels; one that is as it was keeps the look of before."""
        if known is not None and known.width == width and known.face == face:
            return known
        sizes = self._sizes
        inner = width - 2 * sizes.pad
        table = sizes.wrapped(face.table, sizes.head, inner - sizes.row_pad - sizes.age_width)
        order = sizes.wrapped(face.order, sizes.order, inner - sizes.row_pad - sizes.words_width)
        parts: tuple[NoticeLook | ItemLook, ...] = (*self._notices(face, inner), *self._items_of(face, width))
        words = max(len(order.lines) * sizes.line(sizes.order), sizes.line(sizes.words))
        shape = Shape(
            key=face.id,
            head=max(len(table.lines) * sizes.line(sizes.head) + words + 2 * sizes.row_pad, sizes.touch),
            again=sizes.line(sizes.words) + 2 * sizes.row_pad,
            parts=tuple(part.height for part in parts),
            foot=sizes.zone,
        )
        return TicketLook(face, width, table, order, parts, shape)

    def _notices(self, face: TicketFace, inner: int) -> Sequence[NoticeLook]:
        said = [(IconName.CLOSE, _ALL_VOID)] if face.is_voided else []
        if face.paper:
            said.append((IconName.PRINTER, face.paper))
        if face.urgent:
            said.append((IconName.FIRE, face.urgent))
        if face.taken_over:
            said.append((IconName.KITCHEN, face.taken_over))
        sizes = self._sizes
        found = []
        for icon, words in said:
            fitted = sizes.wrapped(words, sizes.detail, inner - sizes.detail_px - sizes.row_pad)
            found.append(NoticeLook(icon, fitted, len(fitted.lines) * sizes.line(sizes.detail) + 2 * sizes.row_pad))
        return found

    def _items_of(self, face: TicketFace, width: int) -> Sequence[ItemLook]:
        sizes = self._sizes
        widest = max((sizes.width(item.quantity, sizes.quantity) for item in face.items), default=0)
        left = sizes.pad + max(widest, sizes.item_px) + sizes.pad
        if len(self._items) > _KEPT:
            self._items.clear()
        return [self._item(item, left, width) for item in face.items]

    def _item(self, item: ItemFace, left: int, width: int) -> ItemLook:
        key = (item, left, width)
        found = self._items.get(key)
        if found is None:
            found = self._items[key] = self._measure(item, left, width)
        return found

    def _measure(self, item: ItemFace, left: int, width: int) -> ItemLook:
        sizes = self._sizes
        room = width - left - sizes.pad
        struck = item.state is not ItemState.TO_COOK
        void = sizes.width(VOID, sizes.words) + sizes.row_pad if item.state is ItemState.VOID else 0
        name = sizes.wrapped(item.name, sizes.name_struck if struck else sizes.name, room - void)
        detail = sizes.detail_struck if struck else sizes.detail
        details = sizes.wrapped(item.details, detail, room) if item.details else None
        framed = room - 2 * sizes.row_pad - sizes.detail_px - sizes.row_pad
        allergies = tuple(sizes.wrapped(words, detail, framed) for words in item.allergies)
        height = len(name.lines) * sizes.line(sizes.name) + 2 * sizes.row_pad
        if details is not None:
            height += len(details.lines) * sizes.line(sizes.detail)
        height += sum(allergy_height(words, sizes) + sizes.row_pad for words in allergies)
        return ItemLook(item, left, name, details, allergies, max(height, sizes.touch))


def allergy_height(words: FittedText, sizes: Sizes) -> int:
    """The height of the frame around an allergy."""
    return len(words.lines) * sizes.line(sizes.detail) + sizes.row_pad


def _texts_whole(part: NoticeLook | ItemLook) -> bool:
    if isinstance(part, NoticeLook):
        return part.words.whole
    details = part.details is None or part.details.whole
    return part.name.whole and details and all(words.whole for words in part.allergies)
