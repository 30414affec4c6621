"""Pure: how several operations travel in one request, and how their answers come back."""

from typing import Annotated, Final

from pydantic import Field

from shared.domain.model import Model

CAPABILITY: Final = "batch"
"""A server that takes batches lists this."""

MAX_OPERATIONS: Final = 50
"""The most operations in one batch."""

FEWEST: Final = 2
"""One alone goes as it always did."""

MAX_BATCH_BYTES: Final = 1024 * 1024
"""The most bytes that a client's operations have together: their envelope, quoted, is far below a server's limit."""

MAX_ANSWER_BYTES: Final = 3 * 1024 * 1024
"""When its answers have so many bytes a server tries no further operation of the batch."""


class BatchOperation(Model):
    """One operation: the request that it would be alone. `body` is its frozen bytes as text.

    `lanes` name what it keeps its order in: after one that was not done, no later one that shares a lane is tried.
    """

    operation_id: Annotated[str, Field(min_length=1, max_length=255)]
    lanes: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=16)]
    method: str
    path: str
    body: str


class BatchRequest(Model):
    """Operations in the order in which they are to be done."""

    operations: Annotated[tuple[BatchOperation, ...], Field(max_length=MAX_OPERATIONS)]


class EntryAnswer(Model):
    """What one operation of a batch was answered, as if it had been sent alone. `X-Operation-Id` tells which."""

    status: int
    headers: dict[str, str]
    body: str


class BatchAnswer(Model):
    """The answers, in the order of the operations."""

    answers: tuple[EntryAnswer, ...]
