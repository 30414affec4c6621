"""Pure: what a till says of its shift: the rows of the X and Z report, and whether till and server agree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pos_client.words import Notice, Way
from shared.domain.bill import Method
from shared.domain.shift import Figures
from shared.money import Currency
from shared.qt.tokens import Tone
from shared.shift_desk import TillReport
from shared.terminal import LinkView, OperationRow

TAKINGS: Final = "Takings"
"""The row that closes a report."""

HIDDEN: Final = "after the count"
"""Stands for what would tell the person at the drawer how much they are going to count."""

DIFFERENCES_SAID: Final = 2
"""Differences that are said in full; the alerts name all."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of a report. `is_waiting`: some of it is only on this till."""

    name: str
    confirmed: str
    only_here: str
    together: str
    is_waiting: bool = False


def report_rows(report: TillReport, currency: Currency, *, is_blind: bool) -> tuple[ReportRow, ...]:
    """The figures of a shift in three columns; `is_blind` keeps back what tells of the drawer until it is counted."""

    def counts(name: str, of: Callable[[Figures], int]) -> ReportRow:
        return _row(report, name, of=of, text=str)

    def money(name: str, of: Callable[[Figures], int], *, is_hidden: bool = False) -> ReportRow:
        return ReportRow(name, HIDDEN, "", "") if is_hidden else _row(report, name, of=of, text=currency.text)

    return (
        counts("Orders", lambda one: one.orders),
        money("Cash", lambda one: taken(one, Method.CASH), is_hidden=is_blind),
        money("Card", lambda one: taken(one, Method.CARD)),
        money("Mobile money", lambda one: taken(one, Method.MOBILE_MONEY)),
        money("Refunds in these sums", lambda one: -one.refunded_minor),
        money("Tips", lambda one: one.tips_minor, is_hidden=is_blind),
        counts("Voided orders", lambda one: one.voided_orders),
        counts("Drawer opened", lambda one: one.no_sales),
        money(TAKINGS, lambda one: sum(each.amount_minor for each in one.payments), is_hidden=is_blind),
    )


def _row(report: TillReport, name: str, *, of: Callable[[Figures], int], text: Callable[[int], str]) -> ReportRow:
    here = of(report.only_here)
    return ReportRow(name, text(of(report.confirmed)), text(here), text(of(report.total)), is_waiting=bool(here))


def taken(figures: Figures, method: Method) -> int:
    """What was taken in one way, without tips."""
    return sum(one.amount_minor for one in figures.payments if one.method is method)


def standing(report: TillReport, link: LinkView, held: Sequence[OperationRow]) -> Notice:
    """Whether the server has this shift and agrees; `held` is what it did not take of it."""
    if held:
        said = held[0].error or "The server gave no reason."
        more = f" And {len(held) - 1} more." if len(held) > 1 else ""
        text = f"{said} Nothing is lost: it is kept on this till, and what follows it waits.{more}"
        return Notice(f"{held[0].what} was not taken by the server", text, "Open sync", Way.SYNC, Tone.BAD)
    if report.waiting:
        return _waiting(report, is_up=link.state.is_up)
    if report.shift.is_open:
        title = "The server has all of this shift"
        return Notice(title, "What is taken from here on is added when it is on the disk.", "", Way.SYNC, Tone.OK)
    if report.agreed is None:
        title = "The server has all of this shift"
        text = (
            "It compares its own books with this till now."
            if link.state.is_up
            else "They are compared when it is back."
        )
        return Notice(title, text, "", Way.SYNC, Tone.INFO)
    told = report.agreed.told
    if not told.count:
        return Notice(
            "Till and server agree", f"{told.compared} operations were compared, none differs.", "", Way.SYNC, Tone.OK
        )
    named = [one.message for one in told.differences[:DIFFERENCES_SAID]]
    left = told.count - len(named)
    text = " ".join([*named, f"And {left} more." if left > 0 else ""]).strip()
    title = f"Till and server differ in {told.count} {'thing' if told.count == 1 else 'things'}"
    return Notice(title, text, "Open sync", Way.SYNC, Tone.BAD)


def _waiting(report: TillReport, *, is_up: bool) -> Notice:
    one = report.waiting == 1
    title = f"{report.waiting} {'operation is' if one else 'operations are'} still on this till"
    they, their = ("it keeps its", "it arrives") if one else ("they keep their", "they arrive")
    if report.shift.is_open:
        text = (
            f"You can close now: {they} place in this shift, and the report is checked against the server when {their}."
        )
    else:
        text = f"{they.capitalize()} place in this shift. The report is checked against the server when {their}."
    return Notice(title, text, "", Way.SYNC, Tone.INFO if is_up else Tone.WARN)
