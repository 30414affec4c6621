"""Tables as spreadsheets write them: whatever the encoding and the mark between columns, each cell with its place."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

#: More than these is no menu, and no floor.
MOST_BYTES: Final = 5 * 1024**2
MOST_ROWS: Final = 10_000
_MARKS: Final = ",;\t"
_MARKED: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass
class Faults:
    """What is wrong with a sheet, a sentence each; lines are counted as a spreadsheet does, the first is the header."""

    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, column: str, words: str) -> None:
        """Something is wrong with one cell."""
        self.found.append((line, f"line {line}, {column}: {words}"))

    def about(self, line: int, words: str) -> None:
        """Something is wrong with a whole line."""
        self.found.append((line, f"line {line}: {words}"))

    def of_all(self, words: str) -> None:
        """Something is wrong with the whole sheet."""
        self.found.append((MOST_ROWS * 100, words))

    def told(self) -> list[str]:
        """All of it, in the order of the lines."""
        return [words for _, words in sorted(self.found, key=lambda one: one[0])]


@dataclass(frozen=True)
class Line:
    """One row. A cell that is empty or not there is an empty text."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def columns_of(raw: bytes) -> frozenset[str]:
    """The names in the first row, to tell what kind of sheet it is; nothing for what is no table."""
    first = next(iter(_rows(_text(raw)[:100_000])), [])
    return frozenset(_name(cell) for cell in first)


def lines(raw: bytes, *, known: Sequence[str], needed: Sequence[str], faults: Faults) -> list[Line]:
    """The rows of a sheet that are not empty. What is wrong with its shape goes to `faults`."""
    if len(raw) > MOST_BYTES:
        faults.of_all(f"The file has more than {MOST_BYTES // 1024**2} MiB.")
        return []
    found: list[Line] = []
    names: list[str] = []
    try:
        for number, row in _numbered(_text(raw)):
            if not any(cell.strip() for cell in row):
                continue
            if not names:
                names = [_name(cell) for cell in row]
                _check_names(names, number, known=known, needed=needed, faults=faults)
                continue
            if any(cell.strip() for cell in row[len(names) :]):
                faults.about(number, f"it has {len(row)} cells, and the header names {len(names)} columns")
            found.append(Line(number, {name: cell.strip() for name, cell in zip(names, row, strict=False)}))
    except csv.Error as error:
        faults.of_all(f"The table can't be read: {error}.")
    if not names:
        faults.of_all(f"The file is empty: its first line has to name the columns {', '.join(needed)}.")
    if len(found) > MOST_ROWS:
        faults.of_all(f"The file has {len(found)} rows, and at most {MOST_ROWS} are believed.")
    return found


def written(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A sheet that every spreadsheet opens: UTF-8 with its mark, commas, quotes where they are needed."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return codecs.BOM_UTF8 + sheet.getvalue().encode()


def _text(raw: bytes) -> str:
    """UTF-8 or UTF-16 by its mark, else UTF-8, else what Windows wrote in western Europe, where no byte is wrong."""
    for mark, encoding in _MARKED:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _rows(text: str) -> Iterator[list[str]]:
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=_mark(text), strict=True, skipinitialspace=True))


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line that each begins at."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_mark(text), strict=True, skipinitialspace=True)
    start = 1
    for row in reader:
        yield start, row
        start = reader.line_num + 1


def _mark(text: str) -> str:
    """What stands between columns: the one that the first line has most of."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(_MARKS, key=first.count)


def _name(cell: str) -> str:
    return "_".join(cell.strip().lower().split())


def _check_names(
    names: Sequence[str], number: int, *, known: Sequence[str], needed: Sequence[str], faults: Faults
) -> None:
    for name in dict.fromkeys(names):
        if name and name not in known:
            faults.about(number, f"the column {name} is not known here; known are {', '.join(known)}")
        if name and names.count(name) > 1:
            faults.about(number, f"the column {name} is there twice")
    for name in needed:
        if name not in names:
            faults.about(number, f"the column {name} is missing")
