"""Names of things: what is a ULID, and that one made from another is the same on every machine."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ids import derived_id, is_ulid

SOURCE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_ulid_is_known_from_what_looks_like_one() -> None:
    assert is_ulid(SOURCE)
    assert is_ulid("7" + "Z" * 25)
    for wrong in (
        "",
        SOURCE[:-1],
        SOURCE + "0",
        SOURCE + "\n",
        SOURCE.lower(),
        "8" + SOURCE[1:],
        "I" * 26,
        "\u0660" * 26,
    ):
        assert not is_ulid(wrong)


def test_a_derived_id_is_the_one_that_was_written_down() -> None:
    """Golden values: were they to change, tills and servers of two versions would name one ticket differently."""
    assert derived_id(SOURCE, "kitchen") == "01ARZ3NDEK1YCVE6DMFA2MKJMP"
    assert derived_id(SOURCE, "follow-up") == "01ARZ3NDEK8T0KD7FNXH8E8SRZ"


@given(st.text(max_size=64))
def test_a_derived_id_keeps_the_time_and_holds_eighty_bits_of_the_hash(label: str) -> None:
    made = derived_id(SOURCE, label)
    assert is_ulid(made)
    assert made[:10] == SOURCE[:10]
    number = 0
    for letter in made[10:]:
        number = number * 32 + ALPHABET.index(letter)
    assert number.to_bytes(10) == hashlib.sha256(f"{SOURCE}/{label}".encode()).digest()[:10]


def test_labels_and_sources_make_different_ids() -> None:
    made = [derived_id(source, label) for source in (SOURCE, "0" * 26) for label in ("", "a", "b", "a/b", "create")]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("source", ["", "not a ulid", SOURCE.lower(), SOURCE + "\n"])
def test_nothing_is_derived_from_what_is_no_ulid(source: str) -> None:
    with pytest.raises(ValueError, match="is not a ULID"):
        derived_id(source, "kitchen")
