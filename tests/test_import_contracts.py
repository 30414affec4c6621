"""Each import contract is shown an import that it must refuse, in a copy of the tree."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("shared", "pos_client", "kds_client", "reference_server", "demo", "benchmarks", "tests")

# By the contract's name in .importlinter: the modules to plant, and what each imports.
PLANTS: dict[str, dict[str, str]] = {
    "programs": {"pos_client/planted.py": "kds_client"},
    "shared": {"shared/planted.py": "shared.ids"},
    "facts": {"shared/domain/planted.py": "shared.database"},
    "printing": {"shared/printing/planted.py": "shared.store"},
    "screens": {"kds_client/planted.py": "shared.store"},
    "server": {"reference_server/planted.py": "shared.sync"},
    "pure": {"shared/wire/planted.py": "random"},
    "sync": {"shared/sync/engine.py": "shared.sync.worker", "shared/sync/worker.py": "shared.sync.engine"},
    "qt": {"shared/store/planted_window.py": "PySide6.QtCore"},
    "httpx": {"shared/store/planted_client.py": "httpx"},
    "apsw": {"pos_client/planted_database.py": "apsw"},
    "psycopg": {"reference_server/planted_session.py": "psycopg"},
    "seam": {"reference_server/planted_area.py": "shared.database"},
    "tenacity": {"shared/store/planted_retry.py": "tenacity"},
    "ulid": {"shared/store/planted_name.py": "ulid"},
    "stdlib_sqlite": {"shared/store/planted_sqlite.py": "sqlite3"},
    "unit": {"tests/unit/planted.py": "subprocess"},
    "cycles": {"demo/planted_egg.py": "demo.planted_hen", "demo/planted_hen.py": "demo.planted_egg"},
}


def contracts() -> dict[str, str]:
    """Name and sentence of each contract."""
    file = configparser.ConfigParser()
    file.read(ROOT / ".importlinter", encoding="utf-8")
    sections = [section for section in file.sections() if section.startswith("importlinter:contract:")]
    return {section.rsplit(":", 1)[-1]: file[section]["name"] for section in sections}


def lint(place: Path) -> dict[str, bool]:
    """What lint-imports says in a tree: whether each contract, by its sentence, is kept."""
    run = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    text = " ".join(run.stdout.split())
    found = {name: re.search(re.escape(name) + r"\s*(KEPT|BROKEN)", text) for name in contracts().values()}
    unsaid = [name for name, said in found.items() if said is None]
    assert not unsaid, run.stdout + run.stderr
    return {name: bool(said and said[1] == "KEPT") for name, said in found.items()}


def copy_of_the_tree(place: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, place / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", place / ".importlinter")


def test_every_contract_refuses_what_it_is_for(tmp_path: Path) -> None:
    copy_of_the_tree(tmp_path)
    for modules in PLANTS.values():
        for path, imported in modules.items():
            with (tmp_path / path).open("a", encoding="utf-8") as file:
                file.write(f"\nimport {imported}\n")
    kept = lint(tmp_path)
    assert [sentence for sentence, is_kept in kept.items() if is_kept] == []


def test_every_contract_has_an_import_that_it_is_shown() -> None:
    assert set(contracts()) - set(PLANTS) == set()
