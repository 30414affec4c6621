"""A terminal with a disk that can be held and a sync that never sends."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shared.clock import SystemClock
from shared.database import Writer, open_reader, open_writer
from shared.domain.commands import AddLine, EditDraft, NewLine, SendDraft
from shared.ids import ItemId, LineId, OperationId, OrderId, StaffId, StationId
from shared.migrations import migrate
from shared.settings import DeviceSettings
from shared.store.house import House
from shared.store.schema import MIGRATIONS
from shared.sync.actions import LinkState, LinkView
from shared.terminal import Terminal
from tests.unit.store.till import AT, ulid

ORDER = ulid(900_001)


@dataclass
class StillSync:
    """Syncs nothing; remembers how often it was woken."""

    woken: int = 0
    is_known: bool | None = None

    def start(self) -> None:
        """Nothing to start."""

    def wake(self) -> None:
        """Count."""
        self.woken += 1

    def try_now(self) -> None:
        """Nothing to try."""

    def ask_known(self, operation_id: str, told: Callable[[bool | None], None]) -> None:
        """As the test says."""
        told(self.is_known)

    def stop(self, timeout_s: float) -> None:
        """Nothing to stop."""

    def link(self) -> LinkView:
        """A link that is down."""
        return LinkView(LinkState.OFFLINE, None, 0, None, None, 0, 0)


@dataclass
class CountingUlids:
    """1, 2, 3 ..."""

    count: int = 0

    def new(self) -> str:
        """The next one."""
        self.count += 1
        return ulid(self.count)


@dataclass
class Rig:
    """A terminal with what a test wants to see and stop."""

    terminal: Terminal
    writer: Writer
    sync: StillSync
    path: Path
    announced: list[frozenset[str]] = field(default_factory=list)

    def settle(self) -> None:
        """Wait until all that was submitted has been written."""
        self.writer.submit(lambda _: None).result(timeout=5)

    def hold_the_disk(self) -> threading.Event:
        """The disk stands still until the event is set."""
        go_on = threading.Event()
        self.writer.submit(lambda _: go_on.wait(timeout=5))
        return go_on

    def operations(self) -> list[str]:
        """The kinds in the outbox."""
        reader = open_reader(self.path)
        kinds = [str(kind) for (kind,) in reader.execute("SELECT kind FROM operation ORDER BY seq").fetchall()]
        reader.close()
        return kinds


def open_rig(folder: Path, *, release: Callable[[], None] = lambda: None) -> Rig:
    """A till in an empty folder; `release` is called when it has closed."""
    path = folder / "pos.sqlite"
    connection = open_writer(path)
    migrate(connection, path, MIGRATIONS)
    writer = Writer(connection)
    sync = StillSync()
    settings = DeviceSettings.model_validate(
        {
            "server_url": "http://127.0.0.1:1",
            "device_id": "till-c",
            "token": "x" * 32,
            "letter": "C",
            "data_dir": folder,
        }
    )
    terminal = Terminal(
        settings=settings,
        writer=writer,
        reader=open_reader(path),
        house=House(open_reader(path), device_id="till-c"),
        clock=SystemClock(),
        ulids=CountingUlids(),
        make_sync=lambda _: sync,
        release=release,
    )
    made = Rig(terminal, writer, sync, path)
    terminal.subscribe(made.announced.append)
    return made


def tile(terminal: Terminal) -> EditDraft:
    """A tap on a tile."""
    line = NewLine(
        id=LineId(terminal.new_id()),
        item_id=ItemId("bowl"),
        quantity=1,
        name="Chicken Bowl",
        price_minor=1098,
        tax_bp=1800,
        station=StationId("grill"),
    )
    return EditDraft(
        id=OperationId(terminal.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ORDER),
        changes=(AddLine(line=line),),
    )


def send(terminal: Terminal) -> SendDraft:
    """The intention of the Send button as the screen stands."""
    view = terminal.order(ORDER)
    assert view is not None
    return SendDraft(
        id=OperationId(terminal.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ORDER),
        line_ids=tuple(LineId(one) for one in view.unsent_ids),
    )
