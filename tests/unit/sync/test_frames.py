"""The frames of one stream: it begins once and where the file is, and what can't be read of it is counted."""

from __future__ import annotations

import json

from shared.domain.order import Order
from shared.sync.exchange import Event
from shared.sync.frames import Frames, Moved
from shared.sync.verdicts import NoAnswer
from shared.wire.events import CHANGE, HELLO, Hello


def hello(head: str) -> Event:
    return Event(HELLO, Hello(head=head).to_json().decode())


def test_a_stream_begins_once() -> None:
    frames = Frames("1-a", Order)
    assert frames.hear(hello("1-a")) is None
    assert isinstance(frames.hear(hello("1-a")), NoAnswer)


def test_a_file_without_a_cursor_pulls_before_it_listens_unless_there_is_nothing() -> None:
    """What was before the stream's first frame would come by no frame."""
    assert Frames(None, Order).hear(hello("1-a")) == Moved()
    assert Frames(None, Order).hear(hello("")) is None


def test_an_order_that_can_not_be_read_is_counted_and_the_others_are_taken() -> None:
    frames = Frames("1-a", Order)
    frames.hear(hello("1-a"))
    assert frames.hear(Event(CHANGE, json.dumps({"after": "1-a", "order": {"new": "kind"}}), "2-b")) is None
    page = frames.take()
    assert page is not None
    assert (page.entities, page.unreadable, page.cursor) == ((), 1, "2-b")
    assert frames.take() is not None, "until it is kept"
    frames.keep(page)
    assert frames.take() is None
