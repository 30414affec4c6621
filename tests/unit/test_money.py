"""Amounts of money: written, read back, rounded, and what a guest is likely to hand over."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import BadAmount, Currency, note_suggestions, round_half_up

EURO = Currency("EUR", 2, "€")
SHILLING = Currency("UGX", 0, "USh")
DINAR = Currency("KWD", 3, "KD")


@pytest.mark.parametrize(
    ("currency", "minor", "text"),
    [
        (EURO, 0, "0.00"),
        (EURO, 5, "0.05"),
        (EURO, 123_456, "1,234.56"),
        (EURO, -123_456, "-1,234.56"),
        (EURO, -5, "-0.05"),
        (SHILLING, 12_500, "12,500"),
        (DINAR, 1_250, "1.250"),
    ],
)
def test_an_amount_is_written_with_its_decimals(currency: Currency, minor: int, text: str) -> None:
    assert currency.text(minor) == text


def test_the_symbol_stands_before_the_digits_where_it_is_asked_for() -> None:
    assert EURO.text(-123_456, symbol=True) == "-€ 1,234.56"
    assert Currency("EUR", 2).text(100, symbol=True) == "1.00"


@given(st.integers(0, 10**12), st.integers(0, 4), st.booleans())
def test_what_is_written_is_read_back(minor: int, decimals: int, symbol: bool) -> None:
    currency = Currency("XXX", decimals, "X$")
    assert currency.minor_from(currency.text(minor, symbol=symbol)) == minor


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [
        (EURO, "12.50", 1250),
        (EURO, "12,5", 1250),
        (EURO, ".5", 50),
        (EURO, "5.", 500),
        (EURO, " 007 ", 700),
        (EURO, "1,250", 125_000),
        (EURO, "1.250,5", 125_050),
        (EURO, "1,234,567.89", 123_456_789),
        (EURO, "1'234.50", 123_450),
        (EURO, "1\u202f234,50", 123_450),
        (EURO, "€ 12.50", 1250),
        (EURO, "12,50\u00a0€", 1250),
        (SHILLING, "12,500", 12_500),
        (SHILLING, "12.", 12),
        (DINAR, "1,250", 1_250),
        (DINAR, "1,250.500", 1_250_500),
        (DINAR, "1,234,567", 1_234_567_000),
    ],
)
def test_an_amount_is_read_as_people_write_it(currency: Currency, text: str, minor: int) -> None:
    assert currency.minor_from(text) == minor


@pytest.mark.parametrize(
    ("currency", "text"),
    [
        *((EURO, text) for text in ("", " ", ".", ",", "€", "abc", "-5", "+5", "1e5", "1_000", "12.5.5", "٣", "²")),
        *((EURO, text) for text in ("1.5000", "12.34.56", "1,2,3", "1,250,50", "1234,567", "0.005", ",250", "12:50")),
        *((SHILLING, text) for text in ("12.5", "12.50", "1,23")),
        (DINAR, "1.25000"),
        (EURO, "9" * 21),
        (EURO, "9" * 5000),
    ],
)
def test_what_would_be_a_guess_is_refused_in_words(currency: Currency, text: str) -> None:
    with pytest.raises(BadAmount) as caught:
        currency.minor_from(text)
    assert caught.value.title == "This is not an amount"
    assert len(caught.value.detail) < 60


@given(st.text(max_size=30), st.integers(0, 4))
def test_any_text_is_an_amount_or_refused(text: str, decimals: int) -> None:
    try:
        assert Currency("XXX", decimals, "X").minor_from(text) >= 0
    except BadAmount as error:
        assert error.advice.endswith(".")  # noqa: PT017 - either outcome is right


@given(st.integers(0, 10**15), st.integers(1, 10**6))
def test_rounding_is_half_up_as_decimal_has_it(numerator: int, denominator: int) -> None:
    expected = (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert round_half_up(numerator, denominator) == expected


@pytest.mark.parametrize(
    ("due_minor", "suggestions"),
    [
        (3400, (3500, 4000, 10_000)),
        (3500, (4000, 5000, 10_000)),
        (499, (500, 1000, 10_000)),
        (9_999, (10_000,)),
        (4_600, (5000, 6000, 10_000)),
        (10_000, ()),
        (10_001, (10_500, 11_000, 20_000)),
        (0, ()),
    ],
)
def test_likely_sums_are_the_two_next_multiples_of_notes_and_the_big_note(
    due_minor: int, suggestions: tuple[int, ...]
) -> None:
    assert note_suggestions(due_minor, (500, 1000, 2000, 5000, 10_000)) == suggestions


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), max_size=8))
def test_suggestions_are_rising_and_enough(due_minor: int, notes: list[int]) -> None:
    sums = note_suggestions(due_minor, tuple(sorted(notes)))
    assert list(sums) == sorted(set(sums))
    assert len(sums) <= 3
    assert all(value > due_minor and any(value % note == 0 for note in notes) for value in sums)
