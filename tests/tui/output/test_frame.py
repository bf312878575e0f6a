"""A frame sends what changes, and the terminal shows what it should, whatever came before."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import pyte
import pytest
from textual.geometry import Offset, Region, Size

from xray_tui.tui.output import placements, stored
from xray_tui.tui.output.frame import Frame
from xray_tui.tui.output.placements import Placement, areas, place, placed

SIZE = Size(24, 6)
RED, BLUE = "38;2;200;0;0", "1;38;2;0;0;200;48;5;7"
WORDS = ("ab", "c", "  ", "知識", "x知", "é", "▀▀▀", "longer text")


def frame() -> Frame:
    made = Frame()
    made.resize(SIZE)
    return made


def shown_by(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """What a terminal shows: character, colours, and whether it is bold."""
    cells = [[screen.buffer[y][x] for x in range(SIZE.width)] for y in range(SIZE.height)]
    return [[(c.data, c.fg, c.bg, c.bold) for c in row] for row in cells]


class Shown:
    """A frame and the terminal it is sent to."""

    def __init__(self) -> None:
        self.frame = frame()
        self.screen = pyte.Screen(*SIZE)
        self._stream = pyte.Stream(self.screen)

    def send(self) -> str:
        sent = self.frame.difference()
        self._stream.feed(sent)
        return sent


@pytest.mark.parametrize("seed", range(20))
def test_the_terminal_shows_the_frame_after_any_changes(seed: int) -> None:
    dice = random.Random(seed)
    shown, drawn = Shown(), []
    shown.send()
    for _ in range(30):
        for _ in range(dice.randint(1, 6)):
            text = dice.choice(WORDS)
            change = (
                dice.randrange(SIZE.width - 14),
                dice.randrange(SIZE.height),
                (text, dice.choice((RED, BLUE, ""))),
                *dice.choice(((), (("後", RED), ("z", "")))),
            )
            drawn.append(change)
            shown.frame.put(*change)
        shown.send()
        again = Shown()  # all of it at once
        for change in drawn:
            again.frame.put(*change)
        again.send()
        assert shown_by(shown.screen) == shown_by(again.screen)


def test_what_did_not_change_is_not_sent() -> None:
    shown = Shown()
    shown.frame.put(0, 0, ("hello world", RED))
    first = shown.send()
    assert "hello" in first
    shown.frame.put(0, 0, ("hello world", RED))
    assert shown.send() == ""
    shown.frame.put(0, 0, ("hello World", RED))
    assert len(shown.send()) < 40
    shown.frame.put(0, 0, ("hello World", BLUE))
    assert "hello World" in shown.send()


def test_only_what_differs_of_a_style_is_sent() -> None:
    shown = Shown()
    shown.send()
    shown.frame.put(0, 0, ("a", "38;2;1;2;3;48;2;4;5;6"))
    shown.frame.put(1, 0, ("b", "38;2;9;9;9;48;2;4;5;6"))
    shown.frame.put(2, 0, ("c", "1;38;2;9;9;9;48;2;4;5;6"))
    shown.frame.put(3, 0, ("d", "38;2;9;9;9"))
    styles = "\x1b[38;2;1;2;3;48;2;4;5;6ma\x1b[38;2;9;9;9mb\x1b[1mc\x1b[0;38;2;9;9;9md\x1b[m"
    assert styles in shown.send()


def test_the_cursor_is_left_where_the_app_wants_it() -> None:
    shown = Shown()
    shown.frame.put(3, 3, ("x", ""))
    shown.frame.cursor = Offset(5, 2)
    shown.send()
    assert (shown.screen.cursor.x, shown.screen.cursor.y) == (5, 2)
    shown.frame.cursor = Offset(6, 2)
    assert shown.send() == "\x1b[C"


def test_everything_is_sent_again_after_another_size_or_another_program() -> None:
    shown = Shown()
    shown.frame.put(0, 0, ("hello", ""))
    shown.send()
    shown.frame.forget()
    assert "hello" in shown.send()
    shown.frame.resize(Size(30, 4))
    assert shown.send().count(" ") >= 30 * 4
    shown.frame.put(28, 0, ("too long", ""))  # drawn for a larger terminal
    shown.frame.put(0, 5, ("below", ""))
    assert shown.send() == ""


def test_a_character_of_uncertain_width_does_not_displace_the_others() -> None:
    shown = Shown()
    shown.send()
    for character in (
        "\N{WAVING WHITE FLAG}\ufe0f\u200d\N{RAINBOW}",
        "\N{HEAVY BLACK HEART}\ufe0f",
    ):
        shown.frame.put(0, 0, (f"{character}b", ""))
        assert "\x1b[1;3Hb" in shown.send()


# -- pictures --------------------------------------------------------------------------------------


@dataclass
class FakePicture:
    """A picture whose parts are sent as ``<columns×rows+left+top>``."""

    columns: int
    rows: int
    key: str
    transmission: Sequence[str] = ()
    removal: str = ""
    part_bytes: int = 100
    abortion: str = "<abort>"
    comes_back: bool = False

    def draft(self, corner: Offset) -> str:
        return "<draft>"

    def part(self, area: Region, corner: Offset) -> str:
        return f"<{area.width}×{area.height}+{area.x}+{area.y}>"


def draw(shown: Shown, picture: FakePicture, corner: Offset) -> Placement:
    """Paint all cells of a picture, as a widget does."""
    placement = place(picture, corner)
    for y in range(picture.rows):
        shown.frame.put(corner.x, corner.y + y, (placement.mark * picture.columns, RED))
    return placement


def test_a_picture_is_sent_once_and_not_with_its_style() -> None:
    shown = Shown()
    picture = FakePicture(6, 3, "a", ("<all>",), "<none>")
    kept = draw(shown, picture, Offset(2, 1))
    assert "<all><6×3+0+0>" in shown.send()
    draw(shown, picture, Offset(2, 1))
    shown.frame.put(2, 1, (kept.mark * 6, BLUE))  # below a dialog, colours are dimmed
    assert shown.send() == ""
    kept = draw(shown, FakePicture(6, 3, "a"), Offset(2, 1))  # drawn again, with equal pixels
    assert shown.send() == ""
    kept = draw(shown, FakePicture(6, 3, "b"), Offset(2, 1))
    assert "<6×3+0+0>" in shown.send()
    assert kept is place(FakePicture(6, 3, "b"), Offset(2, 1))


def test_only_pictures_are_sent_again_to_a_terminal_that_has_none() -> None:
    shown = Shown()
    shown.frame.put(0, 0, ("text", ""))
    shown.frame.put(10, 1, ("text", ""))
    kept = draw(shown, FakePicture(6, 3, "a", ("<all>",), "<none>"), Offset(2, 1))
    shown.send()
    shown.frame.forget_pictures()
    assert shown.frame.has_unsent and shown.frame.removal() == ""
    sent = shown.send()
    assert "<all><6×3+0+0>" in sent and "text" not in sent
    assert kept.mark not in sent and shown.send() == "" and shown.frame.removal() == "<none>"


def test_only_what_was_covered_of_a_picture_is_sent_again() -> None:
    shown = Shown()
    picture = FakePicture(6, 4, "a", ("<all>",))
    kept = draw(shown, picture, Offset(2, 1))
    shown.send()
    shown.frame.put(0, 2, ("toast", ""))
    shown.frame.put(0, 3, ("toast", ""))
    assert "<" not in shown.send()
    for y in (2, 3):
        shown.frame.put(0, y, ("  ", ""))
        shown.frame.put(2, y, (kept.mark * 3, ""))
    sent = shown.send()
    assert "<3×2+0+1>" in sent and "<all>" not in sent


def test_a_picture_that_would_come_back_is_erased_before_texts_cover_it() -> None:
    """tmux draws its Sixel pictures over the texts of a window that is shown again."""
    shown = Shown()
    kept = [
        draw(shown, FakePicture(6, 3, "a", comes_back=True), Offset(2, 1)),
        draw(shown, FakePicture(6, 3, "b", comes_back=True), Offset(12, 2)),
        draw(shown, FakePicture(2, 1, "c", comes_back=True), Offset(2, 5)),
    ]
    shown.frame.put(0, 1, ("知", ""))
    assert "\x1b[X" not in shown.send()
    shown.frame.put(2, 2, ("▀", ""))  # covers a cell of the first; the second is in its rows
    sent = shown.send()
    assert sent.count("\x1b[X") == 4 and sent.index("\x1b[X") < sent.index("▀") < sent.index("<")
    assert "<6×1+0+0>" in sent and "<5×1+1+1>" in sent and "<6×3+0+0>" in sent
    assert "<2×1" not in sent
    assert shown.screen.display[1].startswith("知") and shown.send() == ""
    shown.frame.put(2, 5, ("  ", ""))
    sent = shown.send()
    assert sent.count("\x1b[X") == 1 and "<" not in sent
    drawn = draw(shown, FakePicture(6, 3, "d", comes_back=True), Offset(2, 1))
    assert "\x1b[X" not in shown.send()  # it covers the first whole
    assert drawn not in kept


def test_a_mark_without_a_picture_draws_nothing() -> None:
    shown = Shown()
    mark = draw(shown, FakePicture(2, 2, "a"), Offset(0, 0)).mark
    shown.frame.put(0, 5, (f"a{mark}b", ""))  # a text from outside with such a character
    sent = shown.send()
    assert "<" not in sent.replace("<2×2+0+0>", "") and mark not in sent


def test_the_terminal_forgets_pictures_that_are_no_longer_shown() -> None:
    shown = Shown()
    sent, number, cells = "", 0, SIZE.width * SIZE.height
    for number in range(stored.MOST_CELLS // cells + 4):
        picture = FakePicture(*SIZE, f"{number}", (), f"<gone {number}>")
        kept = draw(shown, picture, Offset(0, 0))
        sent += shown.send()
    assert [one for one in range(number) if f"<gone {one}>" in sent] == [0, 1, 2, 3]
    assert shown.frame.removal().count("gone") == number - 3
    assert kept.picture.key == f"{number}"


def test_no_picture_on_the_screen_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gallery shows dozens of small pictures."""
    monkeypatch.setattr(stored, "MOST_CELLS", 10)
    shown, kept, sent = Shown(), [], ""
    for number in range(24):
        picture = FakePicture(2, 3, f"{number}", (), f"<gone {number}>")
        kept.append(draw(shown, picture, Offset(number % 12 * 2, number // 12 * 3)))
        sent += shown.send()
    assert "gone" not in sent
    del kept[:]  # drawn again, with equal pixels
    kept += [draw(shown, FakePicture(2, 3, "0"), Offset(0, 0))]
    assert shown.send() == ""
    shown.frame.put(0, 0, (" " * 24, ""))
    kept += [draw(shown, FakePicture(2, 3, f"new {n}"), Offset(2 * n, 0)) for n in range(2)]
    sent = shown.send()
    assert "<gone 0>" in sent and "<gone 2>" not in sent


def test_a_small_picture_that_waits_does_not_leave_another_under_its_text() -> None:
    shown = Shown()
    kept = [draw(shown, FakePicture(4, 2, "a"), Offset(3, 1))]
    shown.frame.put(3, 3, ("a", RED))
    shown.send()
    for y in (1, 2):
        shown.frame.put(2, y, (" ", RED))
    kept += [draw(shown, FakePicture(4, 2, "b"), Offset(3, 1))]
    shown.frame.put(3, 3, ("b", RED))
    sent = shown.frame.difference(0)
    assert "b" in sent and sent.count("    ") == 2 and "<" not in sent
    assert shown.frame.difference(0) == "" and shown.frame.has_unsent
    assert "<4×2+0+0>" in shown.send()
    assert [placement.picture.key for placement in kept] == ["a", "b"]


def test_a_mark_in_use_is_not_given_to_another_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    first = place(FakePicture(2, 2, "first"), Offset(0, 0))
    monkeypatch.setattr(placements, "_numbers", count(ord(first.mark) - placements._FIRST))
    assert place(FakePicture(2, 2, "later"), Offset(1, 0)).mark != first.mark
    assert placed(first.mark) is first


def test_areas_cover_exactly_the_cells() -> None:
    cells = [(0, 0), (1, 0), (0, 1), (1, 1), (4, 1), (0, 2), (4, 2), (1, 4)]
    found = areas(cells)
    assert found == [
        Region(0, 0, 2, 2),
        Region(4, 1, 1, 2),
        Region(0, 2, 1, 1),
        Region(1, 4, 1, 1),
    ]


def test_without_room_a_picture_comes_coarse_and_then_in_pieces() -> None:
    shown = Shown()
    shown.send()
    kept = draw(shown, FakePicture(6, 4, "a", part_bytes=24_000), Offset(2, 1))
    shown.frame.put(0, 0, ("text", ""))
    first = shown.frame.difference(500)
    assert first.index("text") < first.index("<draft>") and "×" not in first.partition(">")[0]
    pieces = first
    while shown.frame.has_unsent:
        pieces += shown.frame.difference(6_000)
    assert pieces.count("<draft>") == 1
    assert [f"<6×1+0+{row}>" in pieces for row in range(4)] == [True] * 4
    assert kept.mark not in pieces and shown.frame.difference() == ""


def test_a_picture_that_is_replaced_before_it_was_sent_is_not_sent() -> None:
    shown = Shown()
    shown.send()
    commands = tuple(f"<{number}>".ljust(100) for number in range(9))
    first = draw(shown, FakePicture(6, 4, "a", commands), Offset(2, 1))
    assert "<0>" in shown.frame.difference(150) and shown.frame.has_unsent
    kept = draw(shown, FakePicture(6, 4, "b", ("<other>",)), Offset(2, 1))
    rest = shown.frame.difference()
    assert rest.index("<abort>") < rest.index("<other>") < rest.index("<6×4+0+0>")
    assert "<5>" not in rest and not shown.frame.has_unsent
    assert first is not kept


def test_pictures_in_characters_come_after_texts_and_row_by_row() -> None:
    shown = Shown()
    shown.send()
    for y in range(4):
        shown.frame.put(0, y, ("▀▄▌▚", RED))
    shown.frame.put(0, 5, ("text", ""))
    first = shown.frame.difference(3)
    assert "text" in first and first.count("▀") == 0
    assert shown.frame.difference(3).count("▀") == 1
    assert shown.frame.difference().count("▀") == 3 and not shown.frame.has_unsent


def test_a_large_picture_in_characters_is_coarse_at_first() -> None:
    shown = Shown()
    shown.frame.resize(Size(120, 30))
    shown.send()
    for y in range(30):
        for x in range(120):
            grey = (x * 7 + y * 13) % 256
            shown.frame.put(x, y, ("▀", f"38;2;{grey};{grey};{grey};48;2;0;0;0"))
    sizes, coarse_ones = [], 0
    while shown.frame.has_unsent:
        sent = shown.frame.difference(6_000)
        sizes.append(len(sent))
        coarse_ones += sent.count("38;5;")
    assert 1_000 < coarse_ones < 1_400  # a coarse grey lasts for three cells
    assert max(sizes) < 12_000
    assert shown.frame.difference() == ""
