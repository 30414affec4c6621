"""A payment through the gateway: each state against each word, and random nights against a gateway that counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.bill import Method
from shared.domain.payment_intent import (
    EXPIRES_MS,
    Approved,
    Cleared,
    Declined,
    IntentState,
    Kept,
    LastWord,
    NoWord,
    PaymentIntent,
    Step,
    TakenBack,
    Unheard,
    Waiting,
    Word,
    called,
    heard,
    next_step,
    recorded,
    told_again,
)
from shared.ids import OrderId, PaymentId
from shared.times import to_rfc3339
from tests.unit.domain.restaurant import ulid

START_MS = 1_448_653_265_250
IN_TIME_MS, LATE_MS = START_MS + 1000, START_MS + EXPIRES_MS

WORDS: tuple[Word | LastWord, ...] = (
    Approved("g"),
    Declined("no"),
    Waiting(),
    Unheard(),
    NoWord(),
    Cleared(),
    TakenBack("g"),
    Kept("g"),
)

C, D, P, A, R, N, E, V, U = (
    IntentState.CREATED,
    IntentState.IN_DOUBT,
    IntentState.PENDING,
    IntentState.APPROVED,
    IntentState.RECORDED,
    IntentState.DECLINED,
    IntentState.EXPIRED,
    IntentState.VOIDED,
    IntentState.UNAPPLIED,
)

#: What each state becomes by each word of WORDS: in time, and when the two minutes are over.
BECOMES: dict[IntentState, tuple[tuple[IntentState, ...], tuple[IntentState, ...]]] = {
    C: ((A, N, P, C, C, E, V, A), (A, N, E, E, E, E, V, A)),
    D: ((A, N, P, D, D, E, V, A), (A, N, E, E, E, E, V, A)),
    P: ((A, N, P, P, P, E, V, A), (A, N, E, E, E, E, V, A)),
    A: ((A,) * 8, (A,) * 8),
    R: ((R,) * 8, (R,) * 8),
    N: ((E, N, N, N, N, N, N, E), (E, N, N, N, N, N, N, E)),
    E: ((E, E, E, E, E, E, V, U), (E, E, E, E, E, E, V, U)),
    V: ((V,) * 8, (V,) * 8),
    U: ((U,) * 8, (U,) * 8),
}


def intent(state: IntentState = C, *, amount_minor: int = 3400, tip_minor: int = 0) -> PaymentIntent:
    return PaymentIntent(
        id=PaymentId(ulid(1)),
        order_id=OrderId(ulid(2)),
        method=Method.CARD,
        amount_minor=amount_minor,
        tip_minor=tip_minor,
        state=state,
        created_at=to_rfc3339(START_MS),
        expires_at=to_rfc3339(START_MS + EXPIRES_MS),
    )


@pytest.mark.parametrize("state", IntentState)
def test_every_word_makes_of_every_state_what_the_table_says(state: IntentState) -> None:
    for now_ms, wanted in zip((IN_TIME_MS, LATE_MS), BECOMES[state], strict=True):
        for word, after in zip(WORDS, wanted, strict=True):
            assert heard(intent(state), word, now_ms=now_ms).state is after, (state, word, now_ms)


@pytest.mark.parametrize("state", IntentState)
def test_only_what_was_never_called_is_called(state: IntentState) -> None:
    steps = {C: Step.CALL, D: Step.ASK, P: Step.ASK, E: Step.CLEAR}
    assert next_step(intent(state), now_ms=IN_TIME_MS) is steps.get(state)
    late = {C: Step.ASK, D: Step.ASK, P: Step.ASK, E: Step.CLEAR}
    assert next_step(intent(state), now_ms=LATE_MS) is late.get(state)
    if state is C:
        assert called(intent(state)).state is D
        return
    with pytest.raises(ValueError, match="was called before"):
        called(intent(state))


@pytest.mark.parametrize("state", IntentState)
def test_only_money_that_was_charged_in_time_comes_onto_a_bill(state: IntentState) -> None:
    if state.is_paid:
        assert recorded(intent(state)).state is R
        return
    with pytest.raises(ValueError, match="no money for a bill"):
        recorded(intent(state))


def test_silence_ends_nothing_for_a_server_that_has_just_begun_to_listen_and_a_word_does() -> None:
    waiting = intent(P)
    assert heard(waiting, NoWord(), now_ms=LATE_MS, listened_ms=EXPIRES_MS - 1) is waiting
    assert heard(waiting, NoWord(), now_ms=LATE_MS, listened_ms=EXPIRES_MS).state is E
    assert heard(waiting, Waiting(), now_ms=LATE_MS, listened_ms=0).state is E
    assert heard(waiting, Approved("g"), now_ms=LATE_MS, listened_ms=0).state is A


def test_an_expired_one_is_over_when_the_gateway_has_said_so_and_not_before() -> None:
    expired = heard(intent(P), NoWord(), now_ms=LATE_MS)
    assert (expired.state, expired.is_over) == (E, False)
    cleared = heard(expired, Cleared(), now_ms=LATE_MS)
    assert (cleared.state, cleared.is_over, next_step(cleared, now_ms=LATE_MS)) == (E, True, None)
    again = heard(cleared, Approved("g"), now_ms=LATE_MS)
    assert not again.is_over, "a gateway that breaks its word is told to end it once more"


def test_the_same_word_twice_changes_nothing() -> None:
    for state in IntentState:
        for word in WORDS:
            once = heard(intent(state), word, now_ms=IN_TIME_MS)
            twice = heard(once, word, now_ms=IN_TIME_MS)
            again = once.state is not state and state is N  # what was declined and then charged is to be ended first
            assert twice is once or again


@pytest.mark.parametrize("state", IntentState)
def test_a_restored_server_calls_nobody_for_what_a_device_tells_it(state: IntentState) -> None:
    again = told_again(intent(state))
    assert next_step(again, now_ms=IN_TIME_MS) is not Step.CALL
    assert again.state is (A if state is R else D if state.is_waiting else state)


class CountingGateway:
    """A gateway that charges whenever it is told to, and whose words get lost: what it did is in its fields."""

    def __init__(self, *, confirms: bool, declines: bool, keeps: bool) -> None:
        self.charges = 0
        self.told = 0
        self.voided = False
        self.closed = False
        self._waiting = False
        self._confirms, self._declines, self._keeps = confirms, declines, keeps

    def charge(self) -> Word:
        self.told += 1
        if self.closed or self._declines:
            return Declined("no")
        self._waiting = True
        return Waiting()

    def confirm(self) -> None:
        if self._waiting and self._confirms and not self.closed:
            self._waiting = False
            self.charges += 1

    def state(self) -> Word:
        if self.charges:
            return Declined("ended") if self.voided else Approved("g")
        if self.closed or (self._declines and self.told):
            return Declined("no")
        return Waiting() if self._waiting else Unheard()

    def end(self) -> LastWord:
        if self.charges and self._keeps:
            return Kept("g")
        if self.charges:
            self.voided = True
            return TakenBack("g")
        self.closed = True
        self._waiting = False
        return Cleared()


@given(
    confirms=st.booleans(),
    declines=st.booleans(),
    keeps=st.booleans(),
    acts=st.lists(
        st.sampled_from(("step", "lose request", "lose answer", "late answer", "confirm", "bill", "wait", "long wait")),
        max_size=25,
    ),
)
def test_whatever_gets_lost_nobody_is_charged_twice_and_no_charge_is_forgotten(
    confirms: bool, declines: bool, keeps: bool, acts: list[str]
) -> None:
    gateway = CountingGateway(confirms=confirms, declines=declines, keeps=keeps)
    one, now_ms = intent(), START_MS
    held_back: list[Word | LastWord] = []
    for act in (*acts, "long wait", *("step",) * 4):
        if act == "confirm":
            gateway.confirm()
        elif act == "wait":
            now_ms += 20_000
        elif act == "long wait":
            now_ms += EXPIRES_MS
        elif act == "bill" and one.state.is_paid:
            one = recorded(one)
        elif act == "late answer" and held_back:
            one = heard(one, held_back.pop(), now_ms=now_ms)
        elif act in ("step", "lose request", "lose answer"):
            step = next_step(one, now_ms=now_ms)
            if step is Step.CALL:
                one = called(one)
            if step is None or act == "lose request":
                continue
            word: Word | LastWord
            word = gateway.charge() if step is Step.CALL else gateway.state() if step is Step.ASK else gateway.end()
            if act == "lose answer":
                held_back.append(word)
                word = NoWord()
            one = heard(one, word, now_ms=now_ms)
    assert gateway.told <= 1
    assert gateway.charges <= 1
    assert one.is_over
    kept = gateway.charges == 1 and not gateway.voided
    assert kept == (one.state.is_paid or one.state is U), (one.state, vars(gateway))
