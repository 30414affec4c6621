"""Pure: what makes an HTTP answer our server's own word, and what can be read from it; all else is no answer.

Between a till and its server stand captive portals, proxies and wrong addresses, which answer 200 with a page, an empty
200, 404, 413 or 502 in the server's name. None of them may settle an operation.
"""

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from pydantic import ValidationError

from shared.domain.alerts import HouseAlert
from shared.domain.attendance import Clocking
from shared.domain.business_day import BusinessDay
from shared.domain.order import Order
from shared.domain.shift import Shift
from shared.domain.ticket import Ticket
from shared.domain.versioned import Versioned
from shared.ids import is_ulid
from shared.store.outcomes import Flight
from shared.sync.exchange import Answered
from shared.wire.answers import OrderAnswer
from shared.wire.protocol import HEADER_CURSOR, HEADER_OPERATION

#: A cursor or a tag is no longer than this.
MAX_TAG_CHARS: Final = 200
#: What a person is shown of a message is no longer than this.
MAX_MESSAGE_CHARS: Final = 500
#: However long a server wants to be left alone, it is asked again after this.
LONGEST_RETRY_AFTER_S: Final = 300.0


def fields_of(body: bytes) -> dict[str, object]:
    """The JSON object in a body; empty when it holds anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def echoes(answer: Answered, flight: Flight) -> bool:
    """Whether the answer carries our operation's id: only a server that read this very request can know it."""
    return answer.headers.get(HEADER_OPERATION.lower(), "").strip('"') == flight.id


def answers_another(answer: Answered, flight: Flight) -> bool:
    """Whether the answer carries the id of another operation, whose own word it is: somebody mixed two answers up."""
    echo = answer.headers.get(HEADER_OPERATION.lower(), "").strip('"')
    return is_ulid(echo) and echo != flight.id


def names_entity(fields: Mapping[str, object], flight: Flight) -> bool:
    """Whether JSON names the order or ticket that was sent."""
    return fields.get("id") == flight.entity_id


def accepts(answer: Answered, flight: Flight) -> bool:
    """Whether a 200 or 201 is proven. Our own bytes sent back prove only a mirror.

    The body is read only where no id proves it: it is read once more for what it shows.
    """
    return echoes(answer, flight) or (answer.body != flight.body and names_entity(fields_of(answer.body), flight))


def refuses(answer: Answered, fields: Mapping[str, object]) -> bool:
    """Whether an error is our server's: its JSON repeats the status of the response."""
    code = fields.get("statusCode")
    return isinstance(code, int) and not isinstance(code, bool) and code == answer.status


def travels(text: str) -> bool:
    """Whether a text that a server gave us can be sent back in a header."""
    return len(text) <= MAX_TAG_CHARS and text.isascii() and (text.isprintable() or not text)


def cursor_of(headers: Mapping[str, str]) -> str | None:
    """The cursor beside an answer; None if there is none, or not one that can be told with what is asked next.

    It would be kept and told with every request from then on. Two, as somebody on the way puts them together, are none.
    """
    cursor = headers.get(HEADER_CURSOR.lower(), "")
    return cursor if cursor and travels(cursor) and not set(cursor) & set(" ,") else None


def message_of(fields: Mapping[str, object], otherwise: str) -> str:
    """The sentence for a person in an error, shortened; `otherwise` when there is none.

    Half a letter, which a server leaves that cuts texts by UTF-16 units, becomes a question mark: no disk takes it.
    """
    message = fields.get("message")
    if not isinstance(message, str) or not message:
        return otherwise
    return message[:MAX_MESSAGE_CHARS].encode(errors="replace").decode()


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The pause that a server asked for, 0 to 300 seconds; None when it asked for none or not in a form that we read.

    RFC 9110 allows whole seconds or a date; a date is measured against the answer's own `Date`, never our clock.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_RETRY_AFTER_S)
    try:
        until = parsedate_to_datetime(value)
        answered = parsedate_to_datetime(headers.get("date", ""))
        return min(max(0.0, (until - answered).total_seconds()), LONGEST_RETRY_AFTER_S)
    except (TypeError, ValueError, OverflowError):
        return None


def entity_in(value: object) -> Versioned | None:
    """The order, ticket, shift ... in a piece of JSON; None where it is nothing as we know it."""
    return entity_of(json.dumps(value).encode()) if isinstance(value, dict) else None


def entity_of(body: bytes) -> Versioned | None:
    """The order, ticket, shift ... in a body; None where it is nothing as we know it (another vendor's server)."""
    for model in (Order, Ticket, Clocking, BusinessDay, Shift, HouseAlert):
        try:
            return model.model_validate_json(body)
        except ValidationError:
            continue
    return None


def order_answer_of(body: bytes) -> tuple[tuple[Order, ...], int] | None:
    """The orders that the answer to a write shows, and the money that it could not use; None for anything else."""
    try:
        answer = OrderAnswer.model_validate_json(body)
        # An order of what is read already: to construct it without a look would take three times as long.
        order = Order.model_validate(vars(answer), by_name=True, by_alias=False)
    except ValidationError:
        return None
    follow_ups = () if answer.follow_up is None else (answer.follow_up,)
    return (order, *follow_ups, *answer.others), answer.surplus_minor
