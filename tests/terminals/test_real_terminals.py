"""Pictures in real terminals: right when shown, and gone when they should be.

Debian's packages: xvfb xdotool xterm kitty foot weston tmux fonts-dejavu-core. Screenshots are
compared, so nothing may remain of what lay over a picture, or of the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from support.displays import Display
from support.real_terminals import KINDS, RealTerminal, likeness, missing, picture_box, version
from support.review_datasets import save_images

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("display")]

SIZES = ((500, 400), (900, 300), (300, 680), (640, 480), (990, 690))
HIGHLIGHT = (127, 180, 202)
"""The colour of the chosen prompt. COLORTERM is not set, but these terminals have all colours."""
PIXELS, CHARACTERS = 0.995, 0.93
"""The least likeness of pictures in the terminal's own pixels, and in characters."""


@pytest.fixture(scope="module")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    if lacking := Display.missing():
        pytest.skip(f"not installed: {lacking}")
    opened = Display(tmp_path_factory.mktemp("display"))
    yield opened
    opened.close()


@pytest.fixture(
    params=[(kind, in_tmux) for kind in KINDS for in_tmux in (False, True)],
    ids=lambda way: f"{way[0]}-in-tmux" if way[1] else way[0],
)
def way(request: pytest.FixtureRequest) -> tuple[str, bool]:
    kind, in_tmux = request.param
    if reason := missing(KINDS[kind], in_tmux=in_tmux):
        pytest.skip(reason)
    return kind, in_tmux


@pytest.fixture
def terminal(way: tuple[str, bool], display: Display, tmp_path: Path) -> Iterator[RealTerminal]:
    kind, in_tmux = way
    save_images(tmp_path / "D", 6, 256)
    opened = RealTerminal(display, KINDS[kind], tmp_path, in_tmux=in_tmux)
    yield opened
    opened.close()


def has_graphics(kind: str, in_tmux: bool) -> bool:
    """Whether pictures are shown in pixels."""
    if kind == "kitty":
        return version("kitty") >= (0, 28)
    return not in_tmux or version("tmux") >= (3, 4)


def test_pictures_are_right_and_leave_nothing(
    way: tuple[str, bool], terminal: RealTerminal, display: Display, tmp_path: Path
) -> None:
    shell = terminal.settled()
    terminal.press("Return")
    terminal.wait_for_colour(HIGHLIGHT)
    workbench = terminal.settled(2)
    terminal.press("F2")
    gallery = terminal.settled(1)
    terminal.press("Return")
    loupe = terminal.settled(1)
    terminal.press("Right")
    box = picture_box(loupe, terminal.settled(1))
    files = sorted((tmp_path / "D").rglob("*.png"))
    best = max(likeness(loupe[box], Image.open(file)) for file in files)
    print(f"likeness {best:.4f}")
    assert best > (PIXELS if has_graphics(*way) else CHARACTERS)
    terminal.press("Left")
    terminal.assert_shows(loupe, "the next picture and back")

    for key, what in (("question", "help"), ("ctrl+p", "the palette")):
        terminal.press(key)
        terminal.settled(0.3)  # the caret blinks twice a second
        terminal.press("Escape")
        terminal.assert_shows(loupe, what)
    terminal.press("t")
    terminal.settled()
    terminal.press("t")
    terminal.assert_shows(loupe, "another theme and back")
    terminal.press("y")
    terminal.settled(0.3)
    terminal.press("s")
    terminal.assert_shows(loupe, "a toast")

    size = display.window_size()
    for other in (*SIZES, size) if KINDS[way[0]].resizes else ():
        display.resize_window(*other)
        terminal.settled()
    terminal.assert_shows(loupe, "other sizes")
    if way[1]:
        terminal.tmux("new-window", "sleep 1000")
        terminal.settled()
        terminal.tmux("select-window", "-t", ":0")
        terminal.assert_shows(loupe, "another window of tmux and back")
        terminal.attach()
        terminal.assert_shows(loupe, "detached and attached again")

    terminal.press("Escape")
    terminal.assert_shows(gallery, "the gallery after the loupe")
    terminal.press("F2")
    terminal.assert_shows(workbench, "the workbench after the review")
    terminal.press("q")
    terminal.assert_shows(shell, "the shell after the app")
    assert (tmp_path / "errors.txt").read_text() == ""
