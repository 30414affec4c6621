"""A branch goes over from the server's file to PostgreSQL: every row, and what it would have done next."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from reference_server.catalogue.loading import Restaurant
from reference_server.main import main
from reference_server.storage.file import FILE_NAME, open_server_file
from reference_server.storage.postgres import PostgresWriter
from reference_server.storage.postgres_schema import tables_in_order
from shared.database import Connection
from shared.locks import OsLock
from tests.contract.house import House, act, open_house, postgres_writer
from tests.postgres import Cluster


def everything(tx: Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {table: sorted(tx.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in tables_in_order()}


def sold(house: House, table: str, key: str) -> dict[str, Any]:
    order = house.sent_order(table, "cola")
    bill = act({"payments": [{"method": "CASH", "amount": 310}]})
    answer = house.call("POST", f"/pos/orders/{order['id']}/close", bill, key=key)
    assert answer.status == 200, answer.json
    return dict(answer.json)


@pytest.fixture
def house(tmp_path: Path, restaurant: Restaurant) -> House:
    house = open_house(tmp_path, restaurant)
    sold(house, "table-5", "the first bill")
    house.order("table-6", "flan")
    return house


def moved(folder: Path, url: str) -> int:
    return main(["move", "--data", str(folder), "--database", url])


def test_every_row_is_there_and_the_branch_goes_on_as_it_was(
    tmp_path: Path, house: House, postgres: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    url, before = postgres.new_url(), everything(house.connection)
    house.connection.close()
    assert moved(tmp_path, url) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{sum(map(len, before.values()))} rows moved.")
    assert not (tmp_path / FILE_NAME).exists()
    (kept,) = tmp_path.glob(f"{FILE_NAME}.moved-*")
    with closing(open_server_file(kept)) as file:
        assert everything(file) == before

    house.connection = postgres_writer(url, PostgresWriter)
    assert everything(house.connection) == before
    bill = act({"payments": [{"method": "CASH", "amount": 310}]})
    first = before["invoice"][0]
    again = house.call("POST", f"/pos/orders/{first[3]}/close", bill, key="the first bill")
    assert (again.status, again.is_replay, again.json["invoiceNumber"]) == (200, True, "INV-202511-0001")
    assert sold(house, "table-7", "the second bill")["invoiceNumber"] == "INV-202511-0002"
    house.connection.close()


def test_a_move_that_was_cut_off_behind_its_commit_is_ended_by_the_next(
    tmp_path: Path, house: House, postgres: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres.new_url()
    house.connection.close()
    assert moved(tmp_path, url) == 0
    (kept,) = tmp_path.glob(f"{FILE_NAME}.moved-*")
    kept.rename(tmp_path / FILE_NAME)
    assert moved(tmp_path, url) == 0
    assert capsys.readouterr().out.splitlines()[-2].startswith("0 rows moved.")
    assert not (tmp_path / FILE_NAME).exists()


def test_a_database_that_is_in_use_or_a_server_that_runs_is_left_alone(
    tmp_path: Path, house: House, restaurant: Restaurant, postgres: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    house.connection.close()
    with postgres.branch() as url:
        other = open_house(tmp_path, restaurant, database=url)
        before = everything(other.connection)
        assert moved(tmp_path, url) == 2
        assert "There is something in this database already" in capsys.readouterr().err
        assert everything(other.connection) == before
        other.connection.close()
        with OsLock(tmp_path / "server.lock"):
            assert moved(tmp_path, url) == 2
        assert "The server runs on this folder" in capsys.readouterr().err
        assert main(["move", "--data", str(tmp_path / "elsewhere"), "--database", url]) == 2
    assert (tmp_path / FILE_NAME).exists()
