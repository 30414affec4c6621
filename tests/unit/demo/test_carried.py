"""What a lost answer was about: the operations of a request, counted one by one also where several travel together."""

from __future__ import annotations

import json
from random import Random

from demo.carried import done_by, operations_in
from demo.faults import Faults
from demo.http_messages import Head
from shared.wire.protocol import BATCH

SEVERAL = Head(b"", ("POST", BATCH, "HTTP/1.1"), {})
ALONE = Head(b"", ("POST", "/pos/orders", "HTTP/1.1"), {"idempotency-key": "d"})
LOGIN = Head(b"", ("POST", "/auth/login", "HTTP/1.1"), {})
ASKED = json.dumps({"operations": [{"operationId": name} for name in "abc"]}).encode()
TOLD = json.dumps({"answers": [{"status": status} for status in (201, 422, 200)]}).encode()
OK, REFUSED = (Head(b"", ("HTTP/1.1", status, ""), {}) for status in ("200", "422"))


def test_a_request_carries_the_operations_that_it_names() -> None:
    assert operations_in(SEVERAL, ASKED) == ("a", "b", "c")
    assert operations_in(ALONE, b"{}") == ("d",)
    assert operations_in(LOGIN, b"{}") == ()
    assert operations_in(SEVERAL, b"nonsense") == operations_in(SEVERAL, b"[]") == ()


def test_an_answer_says_how_many_of_them_are_done() -> None:
    assert done_by(SEVERAL, OK, TOLD) == 2
    assert done_by(SEVERAL, REFUSED, TOLD) == done_by(ALONE, REFUSED, b"{}") == done_by(LOGIN, OK, b"{}") == 0
    assert done_by(ALONE, OK, b"{}") == 1


def test_the_line_counts_operations_beside_requests() -> None:
    faults = Faults(Random(1), in_a_row_limit=3, drop_next=2)
    for request, body, answer in ((SEVERAL, ASKED, TOLD), (ALONE, b"{}", b"{}"), (SEVERAL, ASKED, TOLD)):
        if faults.drops(request, body):
            faults.lost(request, OK, answer)
    counts = faults.counts
    assert (counts.writes_answered, counts.answers_dropped, counts.dropped_after_2xx) == (3, 2, 2)
    assert (counts.operations_answered, counts.operations_lost) == (7, 3)
