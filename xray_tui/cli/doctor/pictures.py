"""Checks how this terminal shows pictures, and asks whether a test picture looks right."""

from __future__ import annotations

from collections.abc import Iterator

from xray_tui import environment
from xray_tui.cli.doctor.finding import Finding, advice, ok, problem
from xray_tui.cli.doctor.situation import Situation
from xray_tui.environment import settings_path
from xray_tui.multiplexer import in_multiplexer


def pictures(situation: Situation) -> Iterator[Finding]:
    """The way pictures are drawn; in a terminal, also what the user says about one."""
    if not situation.can_ask or environment.terminal_name() == "dumb":
        yield ok("pictures are tested only in a terminal, and not with --json")
        return
    from xray_tui.tui.picture_test.app import PictureTest
    from xray_tui.tui.pictures.terminal import cell_size, prepare_pictures

    environment.prepare_terminal()
    renderer = prepare_pictures(situation.settings.preview)
    cell = cell_size()
    if not renderer.needs_reply and situation.settings.preview == "auto":
        yield _no_graphics()
    else:
        size = f"{cell.width}×{cell.height}"
        yield ok(f"pictures are drawn by {renderer.name}; a character has {size} pixels")
    app = PictureTest(situation.settings)
    app.run()
    if app.answer is None:
        yield ok("nobody said whether the test picture looks right")
    elif app.answer:
        yield ok("the test picture looks right")
    else:
        other = "unicode" if renderer.name == "halfcell" else "halfcell"
        yield problem(
            f"the test picture, drawn by {renderer.name}, does not look right",
            f'add this line to {settings_path()}: preview = "{other}"; or try once: '
            f"xray-tui --preview {other}",
        )


def _no_graphics() -> Finding:
    if in_multiplexer():
        return advice(
            "tmux or screen passes no graphics on here, so pictures are made of characters",
            "to see every pixel, run xray-tui outside of it, in a terminal with graphics",
        )
    return advice(
        "the terminal reports no graphics, so pictures are made of characters",
        "to see every pixel, use a terminal with Sixel or kitty graphics, such as kitty, foot, "
        "WezTerm, or xterm -ti vt340",
    )
