"""However narrow a widget is, and whatever covers it, each sequence of a picture is whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.radiographs import radiograph
from textual.geometry import Offset, Size

from xray_tui.tui.output.frame import Frame
from xray_tui.tui.pictures.renderers.graphics import GraphicDrawing, Graphics
from xray_tui.tui.pictures.renderers.renderer import MAX_GREYS
from xray_tui.tui.pictures.renderers.table import renderer_named, renderers_for
from xray_tui.tui.pictures.terminal_query import NO_REPLY, CellSize, TerminalReply

TOKENS = re.compile(
    r"\x1b\[[0-9;]*[A-Za-z]"  # places, colours, erasing
    r"|\x1b_G[a-zA-Z0-9=,]*(?:;[A-Za-z0-9+/=]*)?\x1b\\"
    r"|\x1bPtmux;\x1b\x1b_G[a-zA-Z0-9=,]*(?:;[A-Za-z0-9+/=]*)?\x1b\x1b\\\x1b\\"
    r'|\x1bP0;1;0q"1;1;\d+;\d+[-#$!;0-9?-~]*\x1b\\'
    r"|\x1b\]1337;File=inline=1;size=\d+;width=\d+;height=\d+;preserveAspectRatio=0:[A-Za-z0-9+/=]+\x07"
    r"|[^\x00-\x1f\x7f-\x9f\U00100000-\U0010ffff]|[\U0010eeee]"
)
"""All that may be sent; no mark of a picture is."""
SIZE = Size(40, 12)
CELL, SMALL_CELL = CellSize(5, 9), CellSize(1, 3)
WAYS = [
    (renderer.name, in_tmux)
    for renderer in renderers_for(NO_REPLY, "truecolor")
    if isinstance(renderer, Graphics)
    for in_tmux in (False, True)
    if not (in_tmux and renderer.name == "iterm2")
]


@dataclass(frozen=True)
class Step:
    """A text drawn over the picture, or a part of it drawn again; then sent with this room."""

    x: int
    y: int
    width: int
    is_text: bool
    room: int


STEPS = st.lists(
    st.builds(
        Step,
        st.integers(0, SIZE.width - 1),
        st.integers(0, SIZE.height - 1),
        st.integers(1, SIZE.width),
        st.booleans(),
        st.sampled_from([1, 300, 3_000, 1 << 30]),
    ),
    min_size=1,
    max_size=6,
)


def drawing_of(
    name: str, in_tmux: bool, columns: int, rows: int, cell: CellSize = CELL
) -> GraphicDrawing:
    reply = TerminalReply(in_tmux=True) if in_tmux else NO_REPLY
    renderer = renderer_named(name, reply)
    drawing = renderer.draw(radiograph(2, 64), columns, rows, cell, MAX_GREYS)
    assert isinstance(drawing, GraphicDrawing)
    return drawing


def assert_whole(sent: str) -> None:
    rest = TOKENS.sub("", sent)
    assert rest == "", f"cut: {rest[:80]!r}"


@pytest.mark.parametrize(("name", "in_tmux"), WAYS)
@settings(max_examples=40)
@given(
    columns=st.integers(1, SIZE.width),
    rows=st.integers(1, SIZE.height),
    shown=st.integers(1, SIZE.width),
    steps=STEPS,
)
def test_sequences_are_whole_whatever_is_covered(
    name: str, in_tmux: bool, columns: int, rows: int, shown: int, steps: list[Step]
) -> None:
    """``shown`` columns of the picture are within a widget that cuts off the rest."""
    drawing = drawing_of(name, in_tmux, columns, rows)
    marks = [strip.text[:shown] for strip in drawing.at(Offset(0, 0))]
    frame = Frame()
    frame.resize(SIZE)
    for y, mark in enumerate(marks):
        frame.put(0, y, (mark, "38;2;1;2;3"))
    for step in steps:
        if step.is_text:
            frame.put(step.x, step.y, ("x" * min(step.width, SIZE.width - step.x), "1"))
        elif step.y < rows:
            frame.put(0, step.y, (marks[step.y][: step.width], ""))
        assert_whole(frame.difference(step.room))
    while frame.has_unsent:
        assert_whole(frame.difference(3_000))
    assert_whole(frame.removal())


@pytest.mark.parametrize(("name", "in_tmux"), WAYS)
def test_sequences_are_whole_at_any_width(name: str, in_tmux: bool) -> None:
    for width in range(1, 201):
        drawing = drawing_of(name, in_tmux, width, 3, SMALL_CELL)
        frame = Frame()
        frame.resize(Size(max(1, width - width % 3), 3))  # often too narrow for all of it
        for y, strip in enumerate(drawing.at(Offset(0, 0))):
            frame.put(0, y, (strip.crop(0, frame.size.width).text, ""))
        sent = frame.difference()
        assert_whole(sent)
        assert "\x1b" in sent
