"""Properties of the board's layout: nothing overlaps, nothing is lost, order is kept, long tickets go on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kds_client.layout import Area, Page, Shape, columns_for, place

HEIGHTS = st.integers(min_value=20, max_value=260)
AREAS = st.builds(
    Area,
    width=st.integers(min_value=300, max_value=4000),
    height=st.integers(min_value=300, max_value=1200),
    columns=st.integers(min_value=1, max_value=8),
    gap=st.integers(min_value=0, max_value=30),
    cut=st.integers(min_value=10, max_value=60),
    bar=st.integers(min_value=10, max_value=90),
)


@st.composite
def boards(draw: st.DrawFn) -> list[Shape]:
    """Up to fourteen tickets, some longer than any screen."""
    count = draw(st.integers(min_value=0, max_value=14))
    return [
        Shape(
            key=f"t{number}",
            head=draw(st.integers(min_value=40, max_value=110)),
            again=draw(st.integers(min_value=20, max_value=60)),
            parts=tuple(draw(st.lists(HEIGHTS, min_size=0, max_size=12))),
            foot=draw(st.integers(min_value=48, max_value=120)),
        )
        for number in range(count)
    ]


@settings(max_examples=50)
@given(boards(), AREAS)
def test_no_two_cells_overlap_and_none_leaves_the_area(shapes: list[Shape], area: Area) -> None:
    for page in place(shapes, area):
        for place_of_one, one in enumerate(page.cells):
            assert one.x >= 0
            assert one.x + one.width <= area.width
            assert one.y >= 0
            assert one.y + one.height <= area.height
            for other in page.cells[place_of_one + 1 :]:
                beside = one.x + one.width <= other.x or other.x + other.width <= one.x
                below = one.y + one.height <= other.y or other.y + other.height <= one.y
                assert beside or below


@settings(max_examples=50)
@given(boards(), AREAS)
def test_every_part_of_every_ticket_stands_on_exactly_one_page(shapes: list[Shape], area: Area) -> None:
    cells = [cell for page in place(shapes, area) for cell in page.cells]
    for shape in shapes:
        mine = [cell for cell in cells if cell.key == shape.key]
        spans = [number for cell in mine for number in range(cell.start, cell.stop)]
        assert spans == list(range(len(shape.parts)))
        assert [cell.first for cell in mine] == [True, *[False] * (len(mine) - 1)]
        assert [cell.last for cell in mine] == [*[False] * (len(mine) - 1), True]


@settings(max_examples=50)
@given(boards(), AREAS)
def test_on_each_page_a_ticket_is_wholly_shown_or_counted_as_hidden(shapes: list[Shape], area: Area) -> None:
    for page in place(shapes, area):
        hidden = {*page.before, *page.after}
        whole = {key for key in {cell.key for cell in page.cells} if key not in hidden}
        assert whole | hidden == {shape.key for shape in shapes}
        for key in whole:
            mine = [cell for cell in page.cells if cell.key == key]
            assert mine[0].first
            assert mine[-1].last


@settings(max_examples=50)
@given(boards(), AREAS)
def test_the_order_of_tickets_is_kept_column_by_column(shapes: list[Shape], area: Area) -> None:
    cells = [cell for page in place(shapes, area) for cell in page.cells]
    assert list(dict.fromkeys(cell.key for cell in cells)) == [shape.key for shape in shapes]
    for page in place(shapes, area):
        assert list(page.cells) == sorted(page.cells, key=lambda cell: (cell.x, cell.y))


@settings(max_examples=50)
@given(boards(), AREAS)
def test_a_ticket_that_fits_a_column_is_never_cut(shapes: list[Shape], area: Area) -> None:
    cells = [cell for page in place(shapes, area) for cell in page.cells]
    for shape in shapes:
        if shape.whole <= area.height - area.bar:
            assert sum(cell.key == shape.key for cell in cells) == 1


@settings(max_examples=50)
@given(boards(), AREAS)
def test_room_for_the_bar_is_kept_free_as_soon_as_there_is_more_than_one_page(shapes: list[Shape], area: Area) -> None:
    pages = place(shapes, area)
    if len(pages) > 1:
        assert all(cell.y + cell.height <= area.height - area.bar for page in pages for cell in page.cells)


def test_an_empty_board_is_one_empty_page() -> None:
    assert place([], Area(800, 600, 3, 10, 40, 50)) == (Page(),)


def test_columns_are_as_many_as_fit_and_never_none() -> None:
    assert columns_for(1000, gap=10, least_column=300) == 3
    assert columns_for(920, gap=10, least_column=300) == 3
    assert columns_for(919, gap=10, least_column=300) == 2
    assert columns_for(100, gap=10, least_column=300) == 1
