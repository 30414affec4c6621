"""What the server tells managers reaches a till once a manager's PIN was right there, and is closed from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from reference_server.catalogue.loading import Restaurant
from reference_server.effect import Alert
from reference_server.storage import alerts
from shared.database import Connection, open_writer
from shared.domain.alerts import CloseAlert
from shared.ids import OperationId, StaffId
from shared.migrations import migrate
from shared.store import house_alerts, outbox
from shared.store.alerts import DONE_TWICE
from shared.store.outcomes import FailReason
from shared.store.schema import MIGRATIONS
from shared.store.soundness import require_readable
from tests.contract.house import WITHOUT_PUSH, Row
from tests.contract.test_worker_with_server import AT, Device
from tests.contract.web import Site, open_site

WORDS = "Order C-12 was paid too much: refund € 34.00?"


@pytest.fixture
def site(tmp_path: Path, restaurant: Restaurant) -> Iterator[Site]:
    """A server with something to tell."""
    opened = open_site(tmp_path / "server", restaurant, capabilities=WITHOUT_PUSH)
    by = OperationId("01ARYZ6S41TSV4RRFFQ69G5FAV")
    for words in (WORDS, "The drawer was counted € 2.00 short."):
        raised = partial(alerts.raise_alert, alert=Alert("surplus", "", words), by=by, at_ms=0)
        opened.storage.write(raised).result()
    yield opened
    opened.storage.close()


def till_of(site: Site, folder: Path, *, asks_as: str | None) -> Device:
    till = Device(site, folder / "till.sqlite", "till", "pos", Row("01ARYZ6S43"))
    if asks_as is not None:
        till.ask(partial(house_alerts.ask_as, staff_id=asks_as))
    return till


def close(till: Device, alert_id: str) -> CloseAlert:
    command = CloseAlert(
        id=OperationId(till.ids.new()), actor_id=StaffId("nadia"), at=AT, alert_id=alert_id, choice="Refunded in cash"
    )
    till.ask(lambda tx: outbox.append(tx, command, now_ms=0))
    till.worker.wake()
    return command


def test_it_is_fetched_in_a_managers_name_and_what_is_closed_here_is_closed_there(tmp_path: Path, site: Site) -> None:
    with closing(till_of(site, tmp_path, asks_as="nadia")) as till:
        till.worker.start()
        till.wait_until(lambda: till.ask(house_alerts.read).open == 2)
        first, second = till.ask(house_alerts.read).rows
        assert first.message == WORDS
        close(till, first.id)
        till.wait_until(lambda: till.ask(outbox.waiting) == 0)
        known = till.ask(house_alerts.read)
        assert (known.rows, known.open) == ((second,), 1)
        assert known.heard_ms is not None
    told = site.storage.read(partial(alerts.get, alert_id=first.id))
    assert told is not None
    assert (told.choice, told.chosen_by) == ("Refunded in cash", "nadia")


def test_what_another_manager_closed_first_leaves_the_till_and_is_told(tmp_path: Path, site: Site) -> None:
    with closing(till_of(site, tmp_path, asks_as="nadia")) as till:
        till.worker.start()
        till.wait_until(lambda: till.ask(house_alerts.read).open == 2)
        first, second = till.ask(house_alerts.read).rows
        done = {"choice": "Given back at the bar", "chosen_by": "nadia", "chosen_at": AT}
        site.storage.write(partial(alerts.put, alert=first.model_copy(update=done))).result()
        command = close(till, first.id)
        till.wait_until(lambda: till.ask(outbox.waiting) == 0)
        assert till.ask(house_alerts.read).rows == (second,)
        asked = "SELECT reason, last_error FROM operation WHERE id = ?"
        rows = till.ask(lambda tx: tx.execute(asked, (command.id,)).fetchall())
        said = f"Nadia has done something about this already: Given back at the bar. It was about: {WORDS}"
        assert rows == [(FailReason.CONFLICT, said)]
        told = till.ask(lambda tx: tx.execute("SELECT title, detail FROM alert WHERE choice IS NULL").fetchall())
        assert told == [("Somebody else has answered this already", f"{said} {DONE_TWICE}")]


@pytest.mark.parametrize("asks_as", [None, "amina"])
def test_where_no_manager_typed_a_pin_nothing_is_told(tmp_path: Path, site: Site, asks_as: str | None) -> None:
    with closing(till_of(site, tmp_path, asks_as=asks_as)) as till:
        till.worker.start()
        till.wait_until(lambda: till.ask(_parts) >= 4)
        assert till.ask(house_alerts.read) == house_alerts.HouseAlerts()


def test_a_file_that_waits_for_the_first_word_can_be_opened_again(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "till.sqlite")) as connection:
        migrate(connection, tmp_path / "till.sqlite", MIGRATIONS)
        house_alerts.ask_as(connection, "nadia")
        require_readable(connection)
        assert house_alerts.read(connection) == house_alerts.HouseAlerts()


def _parts(tx: Connection) -> int:
    return int(tx.execute("SELECT count(*) FROM catalog WHERE name <> 'alerts'").get)
