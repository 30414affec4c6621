"""A till's receipts in its file: in the transaction of their tap, in the bytes that are sent, checked as a whole."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest
from pydantic_core import from_json

from shared.database import open_writer, run_inline
from shared.doctor.main import main
from shared.domain.receipts import Content, hash_of, lines_hash
from shared.domain.rejections import CommandRejected
from shared.migrations import migrate
from shared.opening import open_device_file
from shared.store import meta, receipts, salvage
from shared.store.schema import MIGRATIONS
from tests.contract.house import Row
from tests.unit.store.till import NOW_MS, Till, ulid

LINE_MINOR = 1098


def paid(till: Till, *orders: int) -> None:
    """Orders of one line each, paid."""
    for number in orders:
        order_id = ulid(number)
        line = till.add_line(order_id)
        till.tap(till.bill(order_id, line, total_minor=LINE_MINOR))


def broken(till: Till) -> str | None:
    return till.run(receipts.look_through).broken


def test_each_receipt_follows_on_the_one_before_and_goes_out_with_its_close(till: Till) -> None:
    paid(till, 901, 902, 903)

    chain = till.run(receipts.look_through)
    assert (chain.count, chain.first, chain.last, chain.broken) == (3, "C-000001", "C-000003", None)
    rows: list[Any] = till.connection.execute(
        "SELECT number, previous, lines, payments, hash FROM receipt ORDER BY seq"
    ).fetchall()
    bodies: list[Any] = till.connection.execute(
        "SELECT body FROM operation WHERE kind = 'close_order' ORDER BY seq"
    ).fetchall()
    for (number, previous, lines, payments, found), (body,) in zip(rows, bodies, strict=True):
        told = from_json(bytes(body))
        assert told["receiptLink"] == {"previous": previous, "lines": lines, "hash": found}
        (line_id,) = told["lineIds"]
        assert lines == lines_hash([(line_id, "bowl", 1, LINE_MINOR, 1800)])
        assert from_json(payments) == told["payments"]
        order_id = str(till.connection.execute("SELECT order_id FROM receipt WHERE number = ?", (number,)).get)
        content = Content(told["receiptNumber"], order_id, told["at"], told["totalMinor"], lines, payments)
        assert hash_of(previous, content) == found


def test_a_second_tap_and_a_refused_one_put_no_receipt(till: Till) -> None:
    line = till.add_line(ulid(901))
    bill = till.bill(ulid(901), line, total_minor=LINE_MINOR)
    till.tap(bill)
    till.tap(bill)
    other = till.add_line(ulid(902))
    with pytest.raises(CommandRejected):
        till.tap(till.bill(ulid(902), other, total_minor=1))
    paid(till, 903)

    chain = till.run(receipts.look_through)
    assert (chain.count, chain.last, chain.broken) == (2, "C-000002", None)


def test_the_file_itself_refuses_a_number_a_second_time(till: Till) -> None:
    paid(till, 901, 902)
    with pytest.raises(apsw.ConstraintError, match=r"receipt\.number"):
        till.connection.execute(
            "INSERT INTO receipt SELECT 99, number, operation_id, birth, order_id, at, total_minor, lines, payments,"
            " previous, hash FROM receipt WHERE seq = 1"
        )


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE receipt SET total_minor = 1 WHERE seq = 2", "Receipt C-000002 was changed"),
        ("UPDATE receipt SET payments = '[]' WHERE seq = 2", "Receipt C-000002 was changed"),
        ("DELETE FROM receipt WHERE seq = 2", "Receipt C-000002 is missing before C-000003"),
        ("DELETE FROM receipt WHERE seq = 1", "Receipt C-000001 is missing before C-000002"),
        ("DELETE FROM receipt WHERE seq = 4", "Receipt C-000004 is missing: this till has given 4 numbers"),
        (
            "UPDATE receipt SET seq = -seq WHERE seq IN (2, 3); UPDATE receipt SET seq = 5 + seq WHERE seq < 0",
            "Receipt C-000003 is out of order: C-000002 belongs in its place",
        ),
        (
            "DELETE FROM receipt WHERE seq = 4; UPDATE meta SET value = 3 WHERE name = 'receipt_count'",
            "Receipt C-000004 is missing: it was sent with its order",
        ),
    ],
)
def test_what_is_done_to_the_file_is_named(till: Till, tampering: str, said: str) -> None:
    paid(till, 901, 902, 903, 904)
    assert broken(till) is None
    till.connection.execute(tampering)
    assert (broken(till) or "").startswith(said)


def test_a_last_receipt_that_was_forged_with_its_hash_differs_from_what_was_sent(till: Till) -> None:
    paid(till, 901, 902)
    rows: list[Any] = till.connection.execute(
        "SELECT number, order_id, at, lines, payments, previous FROM receipt WHERE seq = 2"
    ).fetchall()
    number, order_id, at, lines, payments, previous = rows[0]
    forged = hash_of(previous, Content(number, order_id, at, 1, lines, payments))
    till.connection.execute("UPDATE receipt SET total_minor = 1, hash = ? WHERE seq = 2", (forged,))
    assert broken(till) == "Receipt C-000002 was changed: another was sent with its order."


def test_a_till_that_gave_numbers_before_begins_its_chain_behind_them(tmp_path: Path) -> None:
    path = tmp_path / "pos.sqlite"
    with closing(open_writer(path)) as connection:
        migrate(connection, path, MIGRATIONS[:3])
        run_inline(connection, lambda tx: meta.put(tx, receipts.COUNT, "97"))
        assert run_inline(connection, receipts.look_through).count == 0
        migrate(connection, path, MIGRATIONS)
        till = Till(connection)
        paid(till, 901, 902)
        chain = till.run(receipts.look_through)
        assert (chain.first, chain.last, chain.broken) == ("C-000098", "C-000099", None)


def test_a_salvaged_file_keeps_the_receipts_and_begins_a_new_chain_under_a_new_letter(
    till: Till, tmp_path: Path
) -> None:
    till.run(lambda tx: meta.give_birth(tx, ulid(1)))
    paid(till, 901, 902)
    found = salvage.read_whole(till.connection)
    with closing(open_device_file(tmp_path / "new.sqlite", ulids=Row())) as new:
        run_inline(new, lambda tx: salvage.write(tx, found, now_ms=NOW_MS))
        again = Till(new, ids=500)
        with pytest.raises(CommandRejected, match="salvaged"):
            paid(again, 903)
        again.letter = "D"
        paid(again, 904)
        chain = again.run(receipts.look_through)
    assert (chain.count, chain.first, chain.last, chain.broken) == (3, "C-000001", "D-000003", None)


def test_the_doctor_says_whether_the_chain_is_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "till.toml"
    settings.write_text(
        'kind = "pos"\nserver_url = "http://127.0.0.1:9"\ndevice_id = "pos-1"\ndevice_name = "Till 1"\nletter = "C"\n'
        f'data_dir = "{tmp_path}"\ntoken = "0123456789abcdef"\n'
    )
    ask = ["verify-receipts", "--settings", str(settings)]
    with closing(open_device_file(tmp_path / "pos.sqlite", ulids=Row())) as connection:
        till = Till(connection)
        assert main(ask) == 0
        assert capsys.readouterr().out == "note   receipts: This file has no receipts yet.\n"
        paid(till, 901, 902)
        assert main(ask) == 0
        assert capsys.readouterr().out == (
            "well   receipts: 2 receipts, C-000001 to C-000002: each follows on the one before it.\n"
        )
        connection.execute("DELETE FROM receipt WHERE seq = 1")
        assert main(ask) == 1
        assert "WRONG  receipts: Receipt C-000001 is missing before C-000002" in capsys.readouterr().out
    (tmp_path / "pos.sqlite").write_bytes(b"x" * 9_000)
    assert main(ask) == 1
    assert "WRONG  receipts: The device's file is damaged." in capsys.readouterr().out
