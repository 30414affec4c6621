"""Pure: rows found in the pages of a SQLite file without SQLite, for a file that it can't read any more.

Each leaf of a table, and each page of a table without rowid, says by itself where its rows stand: so a damaged header,
a lost parent or a page that was cut off takes away no row but its own. What can't be read is passed over, never raised.
The layout is that of https://www.sqlite.org/fileformat2.html#b_tree_pages.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Value = int | float | str | bytes | None
ReadPage = Callable[[int], bytes | None]
"""Gives the newest page of a number, counted from 1; None when there is none."""

FILE_HEADER_BYTES: Final = 100
_LEAF_TABLE: Final = 0x0D
_LEAF_INDEX: Final = 0x0A
_INNER_INDEX: Final = 0x02
_INNER_TABLE: Final = 0x05
_MAX_ROW_BYTES: Final = 16 * 1024 * 1024
_INTEGER_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it stands in a page. A table without rowid has none; an INTEGER PRIMARY KEY is None in `values`."""

    rowid: int | None
    values: tuple[Value, ...]


def records(page: bytes, *, is_first: bool, read_page: ReadPage) -> tuple[list[Record], bool]:
    """The rows of a page, and whether that is all that stands in it. `read_page` is asked for long rows.

    A page of another kind has none and is whole: what a long row goes on in, what is free. Of one that holds only
    zeros nobody can tell.
    """
    start = FILE_HEADER_BYTES if is_first else 0
    kind = page[start] if len(page) > start else 0
    if kind not in (_LEAF_TABLE, _LEAF_INDEX, _INNER_INDEX):
        return [], kind == _INNER_TABLE or (kind == 0 and any(page))
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    pointers = start + (12 if kind == _INNER_INDEX else 8)
    found: list[Record] = []
    for place in range(pointers, min(pointers + 2 * count, len(page) - 1), 2):
        at = int.from_bytes(page[place : place + 2], "big")
        try:
            found.append(_record(page, at, kind=kind, read_page=read_page))
        except (IndexError, ValueError, struct.error):
            continue
    return found, len(found) == count


def _record(page: bytes, at: int, *, kind: int, read_page: ReadPage) -> Record:
    if kind == _INNER_INDEX:
        at += 4
    size, at = _varint(page, at)
    rowid: int | None = None
    if kind == _LEAF_TABLE:
        rowid, at = _varint(page, at)
    if not 0 < size <= _MAX_ROW_BYTES:
        raise ValueError(size)
    return Record(rowid, _values(_payload(page, at, size, in_table=kind == _LEAF_TABLE, read_page=read_page)))


def _payload(page: bytes, at: int, size: int, *, in_table: bool, read_page: ReadPage) -> bytes:
    """The bytes of a row; a long one goes on in a chain of pages of its own."""
    usable = len(page)
    most = usable - 35 if in_table else (usable - 12) * 64 // 255 - 23
    if size <= most:
        return _exactly(page[at : at + size], size)
    least = (usable - 12) * 32 // 255 - 23
    here = least + (size - least) % (usable - 4)
    if here > most:
        here = least
    parts, missing = [page[at : at + here]], size - here
    following = int.from_bytes(page[at + here : at + here + 4], "big")
    while missing > 0:
        more = read_page(following)
        if more is None or len(more) <= 4:
            raise ValueError(following)
        parts.append(more[4 : 4 + missing])
        missing -= len(more) - 4
        following = int.from_bytes(more[:4], "big")
    return _exactly(b"".join(parts), size)


def _exactly(found: bytes, size: int) -> bytes:
    if len(found) != size:
        raise ValueError(size)
    return found


def _values(payload: bytes) -> tuple[Value, ...]:
    head, at = _varint(payload, 0)
    types = []
    while at < head:
        one, at = _varint(payload, at)
        types.append(one)
    values = []
    for one in types:
        value, at = _value(payload, at, one)
        values.append(value)
    if at != len(payload):
        raise ValueError(at)
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind in _INTEGER_BYTES:
        end = at + _INTEGER_BYTES[kind]
        return int.from_bytes(_exactly(payload[at:end], end - at), "big", signed=True), end
    if kind == 7:
        return struct.unpack(">d", payload[at : at + 8])[0], at + 8
    if kind < 12:
        raise ValueError(kind)
    end = at + (kind - 12) // 2
    raw = _exactly(payload[at:end], end - at)
    return (raw.decode() if kind % 2 else raw), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of 1 to 9 bytes, and where it ends."""
    number = 0
    for place in range(9):
        byte = data[at + place]
        if place == 8:
            number = (number << 8) | byte
            break
        number = (number << 7) | (byte & 0x7F)
        if byte < 0x80:
            return number, at + place + 1
    return (number - (1 << 64) if number >= 1 << 63 else number), at + 9
