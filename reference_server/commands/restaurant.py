"""`import-catalogue` and `export-catalogue`: what is sold, where guests sit, who works there; as JSON or as sheets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from reference_server.catalogue import floor_sheet, loading, menu_sheets, sheets
from reference_server.commands.command import Commands, add_command, once, refuse_nothing, storage_of
from reference_server.deps import Deps
from reference_server.storage.catalogue import Restaurant as Present
from reference_server.storage.seam import Connection
from shared.domain.model import Model
from shared.errors import BadSettings

PARTS: Final = ("menu", "choices", "floor")


def add(commands: Commands) -> None:
    """Add the two."""
    load = add_command(
        commands, "import-catalogue", command=_import_catalogue, words="load menu, floor, business and staff"
    )
    load.add_argument("--file", type=Path, required=True, help="a JSON file, or a sheet as CSV (docs/operating.md)")
    load.add_argument("--check", action="store_true", help="only say what is wrong, or what would change")
    export = add_command(
        commands, "export-catalogue", command=_export_catalogue, words="write a part of the catalogue as a sheet (CSV)"
    )
    export.add_argument("--part", choices=PARTS, required=True, help="dishes, choices or tables")
    export.add_argument("--to", type=Path, required=True, help="the file; one that is there is not written over")


def _import_catalogue(asked: argparse.Namespace, deps: Deps) -> None:
    try:
        raw = asked.file.read_bytes()
    except OSError as error:
        detail, title = f"{asked.file}: {error.strerror}", "The file can't be read"
        raise BadSettings(detail, title=title, advice="Check --file. Nothing was changed.") from error
    kind = _kind_of(raw)
    read = loading.read(raw) if kind is None else None

    def work(tx: Connection) -> str:
        present = deps.catalogue.now(tx)
        coming = read or loading.checked(_from_sheet(kind or "", raw, present))
        if not asked.check:
            loading.store(tx, coming, now_ms=deps.clock.now_ms())
        return _differences(present, coming)

    if not asked.check:
        sys.stdout.write(once(asked, deps, work))
        return
    refuse_nothing(asked)
    with closing(storage_of(asked, deps)) as storage:
        sys.stdout.write(f"{storage.read(work)}Nothing was changed: this was a look.\n")


def _kind_of(raw: bytes) -> str | None:
    """Which sheet it is, by the columns that only that one has; None for JSON, and for what is neither."""
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[", b""):
        return None
    columns = sheets.columns_of(raw)
    if columns & {"option", "group"}:
        return "choices"
    if columns & {"room", "seats", "x", "y"}:
        return "floor"
    return "menu" if columns & {"category", "price", "station"} else None


def _from_sheet(kind: str, raw: bytes, present: Present) -> loading.RestaurantFile:
    currency = present.business.currency
    match kind:
        case "choices":
            return loading.RestaurantFile(menu=menu_sheets.choices(raw, present.menu, currency))
        case "floor":
            return loading.RestaurantFile(floor=floor_sheet.tables(raw, present.floor))
        case _:
            return loading.RestaurantFile(menu=menu_sheets.dishes(raw, present.menu, currency))


def _export_catalogue(asked: argparse.Namespace, deps: Deps) -> None:
    refuse_nothing(asked)
    present = once(asked, deps, deps.catalogue.now)
    currency = present.business.currency
    match asked.part:
        case "menu":
            sheet = menu_sheets.dishes_sheet(present.menu, currency)
        case "choices":
            sheet = menu_sheets.choices_sheet(present.menu, currency)
        case _:
            sheet = floor_sheet.tables_sheet(present.floor)
    try:
        with asked.to.open("xb") as file:
            file.write(sheet)
    except OSError as error:
        detail, title = f"{asked.to}: {error.strerror}", "The sheet can't be written"
        raise BadSettings(detail, title=title, advice="Name another file with --to.") from error


def _differences(present: Present, coming: loading.Restaurant) -> str:
    """What the import changes, a line for each part that it has."""
    told = []
    if coming.menu is not None:
        told.append(_counted("dishes", _by_id(present.menu.items), _by_id(coming.menu.items)))
        told.append(_counted("choices", _by_id(present.menu.groups), _by_id(coming.menu.groups)))
    if coming.floor is not None:
        told.append(_counted("tables", _by_id(present.floor.tables), _by_id(coming.floor.tables)))
    if coming.staff is not None:
        told.append(f"people: {len(coming.staff.staff)}")
    if coming.business is not None:
        told.append(f"business: {coming.business.name}")
    return "".join(f"{line}\n" for line in told)


def _by_id(ones: Iterable[Model]) -> dict[str, Model]:
    return {str(getattr(one, "id")): one for one in ones}  # noqa: B009 - models of several kinds have one


def _counted(what: str, before: Mapping[str, Model], after: Mapping[str, Model]) -> str:
    new, gone = after.keys() - before.keys(), before.keys() - after.keys()
    changed = sum(after[one] != before[one] for one in after.keys() & before.keys())
    return f"{what}: {len(after)}, of them {len(new)} new and {changed} changed; {len(gone)} gone"
