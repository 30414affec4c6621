"""Over a real socket: an answer that was packed is read, and one that is made to fill a till's memory is not."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from shared.sync.exchange import Answered, Unreachable
from tests.contract.raw_server import keeping, response, saying
from tests.contract.test_transport import said


async def test_an_answer_is_unpacked_no_further_than_it_is_read() -> None:
    """A kilobyte would fill the memory of a till."""
    bomb = response(200, gzip.compress(b"x" * 50_000_000), "Content-Encoding: gzip")
    tracemalloc.start()
    try:
        assert isinstance(await said(saying(bomb, hang=True)), Unreachable)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "deflate"])
async def test_what_is_packed_as_nobody_asked_for_is_no_answer(packing: str) -> None:
    twice = gzip.compress(gzip.compress(b"{}"))
    found = await said(keeping(response(200, twice, f"Content-Encoding: {packing}")))
    assert isinstance(found, Unreachable)
    assert "not asked for" in found.detail


async def test_a_packed_answer_is_read() -> None:
    for packing in ("gzip", "GZIP"):
        found = await said(keeping(response(200, gzip.compress(b'{"a": 1}'), f"Content-Encoding: {packing}")))
        assert (isinstance(found, Answered), getattr(found, "body", b"")) == (True, b'{"a": 1}')
