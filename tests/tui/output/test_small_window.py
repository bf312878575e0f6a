"""The message in a window that is too small fits into it, whatever its size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from xray_tui.tui.output.small_window import SMALLEST, is_too_small, lines


@given(st.integers(1, 70), st.integers(1, 30))
def test_the_message_fits(width: int, height: int) -> None:
    placed = lines(Size(width, height))
    assert placed
    for number, (place, line) in enumerate(placed):
        assert place.x >= 0 and place.x + len(line) <= width
        assert place.y == placed[0][0].y + number
        assert 0 <= place.y < height


def test_it_says_how_much_room_is_needed() -> None:
    text = " ".join(line for _, line in lines(Size(40, 10)))
    assert text == (
        "This window has 40×10 characters; xray-tui needs 60×15. Enlarge it, or quit with q."
    )


def test_the_limits_are_those_that_it_names() -> None:
    assert not is_too_small(SMALLEST)
    assert is_too_small(Size(59, 60)) and is_too_small(Size(200, 14))
