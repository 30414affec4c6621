"""Two servers under one name: told apart from a copy that was put back, and from a better copy after it."""

from shared.sync.two_servers import WINDOW_S, InTurn


def test_two_restores_in_a_row_are_no_second_server() -> None:
    in_turn = InTurn()
    assert not any(in_turn.heard(place, is_lost=place in (3, 4, 9, 10)) for place in range(20))


def test_history_that_comes_and_goes_is_a_second_server_until_it_has_stayed_for_long() -> None:
    in_turn = InTurn()
    told = [in_turn.heard(place, is_lost=place % 2 == 1) for place in range(7)]
    assert told == [False] * 5 + [True] * 2
    assert in_turn.heard(5 + WINDOW_S, is_lost=False)
    assert not in_turn.heard(6 + WINDOW_S, is_lost=False)


def test_three_restores_that_lie_far_apart_are_no_second_server() -> None:
    in_turn = InTurn()
    for moment_s in (0.0, 0.7 * WINDOW_S, 1.4 * WINDOW_S):
        assert not in_turn.heard(moment_s, is_lost=True)
        assert not in_turn.heard(moment_s + 1, is_lost=False)
