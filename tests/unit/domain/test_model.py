"""The shape of all models: frozen, strict, camelCase, moments that exist, and copies that are whole."""

import datetime as dt
from copy import copy

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.domain.commands import NewLine
from shared.domain.model import MAX_MINOR, Minor, Model, Moment, build_models
from shared.domain.order import Order
from shared.times import from_rfc3339
from tests.unit.domain.restaurant import AT, new_line, opened, tills, ulid

MOMENT: TypeAdapter[str] = TypeAdapter(Moment)


def accepts(text: str) -> bool:
    """Whether a text is a moment."""
    try:
        MOMENT.validate_json(f'"{text}"')
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("year", [1900, 1904, 1999, 2000, 2015, 2016, 2100, 2400, 9999])
def test_every_day_of_a_year_is_a_moment_and_no_other_is(year: int) -> None:
    def exists(month: int, day: int) -> bool:
        try:
            dt.date(year, month, day)
        except ValueError:
            return False
        return True

    for month in range(14):
        for day in range(33):
            assert accepts(f"{year}-{month:02d}-{day:02d}T00:00:00.000Z") == exists(month, day), (month, day)


@pytest.mark.parametrize("time", ["00:00:00.000", "23:59:59.999", "19:41:05.250"])
def test_every_time_of_a_day_is_a_moment_that_can_be_counted_with(time: str) -> None:
    assert accepts(f"2015-11-27T{time}Z")
    assert from_rfc3339(f"2015-11-27T{time}Z") > 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2015-11-27T24:00:00.000Z",
        "2015-11-27T19:60:00.000Z",
        "2015-11-27T19:41:60.000Z",
        "2015-11-27T19:41:05Z",
        "2015-11-27T19:41:05.250+00:00",
        "2015-11-27t19:41:05.250z",
        "2015-11-27 19:41:05.250Z",
        "1899-11-27T19:41:05.250Z",
        "٢٠١٥-11-27T19:41:05.250Z",
        "2015-11-27T19:41:05.250Z ",
        "2015-11-27T19:41:05.250Z\\n",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    assert not accepts(text)


def test_a_copy_is_equal_and_apart() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    twin = copy(order)
    assert twin == order
    assert twin is not order
    changed = order.model_copy(update={"guests": 9})
    assert (changed.guests, order.guests) == (9, 2)
    assert "void_reason" in order.model_copy(update={"void_reason": "x"}).model_fields_set
    assert "void_reason" not in order.model_fields_set
    assert Order.model_validate_json(changed.to_json()) == changed


def test_models_are_frozen_strict_and_camel_case() -> None:
    line = new_line(ulid(1))
    with pytest.raises(ValidationError):
        line.quantity = 2  # type: ignore[misc]  # that is what is tried
    assert b'"itemId":"pizza"' in line.to_json()
    for quantity in (b'"2"', b"2.0", b"true", b"0", b"1000"):
        with pytest.raises(ValidationError):
            NewLine.model_validate_json(line.to_json().replace(b'"quantity":1', b'"quantity":' + quantity))


def test_a_request_refuses_what_it_does_not_know_and_a_stored_model_reads_over_it() -> None:
    till, _ = tills()
    order = opened(till)
    assert Order.model_validate_json(order.to_json()[:-1] + b',"tomorrow":1}') == order
    with pytest.raises(ValidationError):
        NewLine.model_validate_json(new_line(ulid(1)).to_json()[:-1] + b',"tomorrow":1}')


def test_money_has_an_end() -> None:
    minor: TypeAdapter[int] = TypeAdapter(Minor)
    assert minor.validate_python(MAX_MINOR) == MAX_MINOR
    for wrong in (-1, MAX_MINOR + 1, 1.0, AT):
        with pytest.raises(ValidationError):
            minor.validate_python(wrong, strict=True)


def test_a_model_is_built_by_its_first_use() -> None:
    class Seldom(Model):
        table_id: str = "4"

    assert not Seldom.__pydantic_complete__
    assert Seldom().to_json() == b'{"tableId":"4"}'
    assert Seldom.__pydantic_complete__


def test_all_models_are_built_when_asked_those_within_others_first() -> None:
    class Inner(Model):
        name: str

    class Outer(Model):
        inner: Inner

    built = list(build_models())
    assert built.index(Inner) < built.index(Outer)
    assert {Order, NewLine} <= set(built)
    assert all(model.__pydantic_complete__ for model in built)
