"""News that do not arrive are late after three seconds, whether the server says that it has some or not."""

from __future__ import annotations

import pytest

from shared.sync import backoff
from shared.sync.actions import Beat, Pull
from shared.sync.engine import DELAYED_AFTER_S, Engine


class Line:
    """A server that is well and names `head`; what comes of its pages is for the test to say."""

    def __init__(self, head: str = "") -> None:
        self.head = head
        self.engine = Engine(0.0, delays=backoff)
        self.now_s = 0.0
        self.pulls = 0

    def run(self, seconds: float) -> bool:
        """Let time go by in quarters of a second; whether orders are late at the end of it."""
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            actions = self.engine.step(self.now_s)
            self.pulls += Pull() in actions
            if Beat() in actions:
                self.engine.beat_passed(self.now_s, round_trip_s=0.01, head=self.head, chance=0.5)
            self.now_s += 0.25
        return self.engine.standing(self.now_s).delayed

    def page(self, cursor: str = "1-a") -> None:
        """A whole page is stored."""
        self.engine.pulled(self.now_s, cursor=cursor, has_more=False)


def test_news_stay_late_while_one_pull_after_the_other_fails() -> None:
    """A screen would be calm again for three seconds after each."""
    line = Line()
    line.run(4.0)
    for _ in range(5):
        line.engine.pull_failed(line.now_s)
        late = [line.run(0.25) for _ in range(20)]
        assert all(late)
    assert line.pulls == 6
    line.page()
    assert not line.run(1.0)


@pytest.mark.parametrize("head", ["", "2-b"], ids=["no head", "head"])
@pytest.mark.parametrize("fails", [True, False], ids=["fails", "hangs"])
def test_a_pull_that_brings_nothing_is_late_after_three_seconds(head: str, fails: bool) -> None:
    line = Line()
    line.run(0.5)
    line.page()
    line.head = head
    before = line.pulls
    while line.pulls == before:
        assert not line.run(0.25)
    for _ in range(round(DELAYED_AFTER_S * 4) - 3):
        if fails:
            line.engine.pull_failed(line.now_s)
        assert not line.run(0.25)
    assert line.run(0.75)

    line.page(head or "1-a")
    assert not line.run(0.25)


def test_pages_that_come_are_never_late() -> None:
    line = Line()
    for _ in range(200):
        assert not line.run(0.5)
        line.page()


def test_the_mutant_that_only_looks_at_the_head_stays_calm(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_the_head_alone(engine: Engine) -> float:
        return float("inf") if engine._behind_s is None else engine._behind_s + DELAYED_AFTER_S

    monkeypatch.setattr(Engine, "_delayed_s", by_the_head_alone)
    line = Line()
    line.run(1.0)
    line.engine.pull_failed(line.now_s)
    assert not line.run(60.0)
