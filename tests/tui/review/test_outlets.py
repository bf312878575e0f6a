"""Out of the app: paths, prompts and seeds to the clipboard, images to another program."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.advice import advised
from support.review_pilot import open_review

from xray_tui import environment
from xray_tui.config import Settings
from xray_tui.tui.dialogs import outlets
from xray_tui.tui.dialogs.outlets import OutgoingImage
from xray_tui.tui.dialogs.question import QuestionScreen

IMAGES = 3


def script(folder: Path, text: str) -> str:
    path = folder / "viewer"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o700)
    return str(path)


async def test_path_prompt_or_seed_is_copied(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlets, "in_multiplexer", lambda: True)
    async with open_review(root) as anna:
        first, second, third = anna.desk.index.rows(anna.ids)
        for key, text in (
            ("p", str(root / first.file)), ("r", first.text), ("s", str(first.seed))
        ):  # fmt: skip
            await anna.press("y", key)
            assert anna.app.clipboard == text
            assert (
                f": {text}\nIf nothing arrives, set in ~/.tmux.conf: set -s set-clipboard on"
                in anna.toasts
            )
        await anna.press("V", "y", "p")
        assert anna.app.clipboard.splitlines() == [
            str(root / row.file) for row in (first, second, third)
        ]
        assert "Sent to the terminal's clipboard: 3 paths" in anna.toasts
        most = len(str(root / first.file)) + 10
        monkeypatch.setattr(outlets, "MOST_BYTES", most)
        await anna.press("y", "s")
        assert anna.app.clipboard == "\n".join(str(row.seed) for row in (first, second, third))
        await anna.press("y", "p")
        advised("Mark fewer images.", anna.toasts)
        await anna.press("y")
        assert isinstance(anna.app.screen, QuestionScreen)
        await anna.press("escape")
        assert anna.app.clipboard.startswith(str(first.seed))
        await anna.press("V", "y", "p")
        assert anna.app.clipboard == str(root / first.file)


def test_a_copied_line_is_one_harmless_line() -> None:
    image = OutgoingImage(Path("/x"), "first\nrm -rf ~\x1b[31m", 1)
    assert image.fact("prompt") == "first rm -rf ~␛[31m"


async def test_images_are_opened_in_the_viewer_of_the_settings(root: Path, tmp_path: Path) -> None:
    said = tmp_path / "said"
    viewer = script(tmp_path, f'printf "%s\\n" "$@" > {said}; tty >> {said}; : > /dev/tty')
    async with open_review(root, settings=Settings(viewer=f"{viewer} --full 'a b'")) as anna:
        files = [str(root / row.file) for row in anna.desk.index.rows(anna.ids)]
        await anna.press("o")
        assert f"Opening {Path(files[0]).name} with {viewer}" in anna.toasts
        # The program has no terminal, so it can neither read keys nor write over the screen.
        await anna.until(lambda: "not a tty" in said.read_text() if said.exists() else False)
        assert said.read_text().splitlines() == ["--full", "a b", files[0], "not a tty"]
        await anna.until(lambda: "could not open the image (exit status" in anna.toasts)
        said.unlink()
        await anna.press("V", "o")
        await anna.until(lambda: "not a tty" in said.read_text() if said.exists() else False)
        assert said.read_text().splitlines()[2:-1] == files


@pytest.mark.parametrize(
    ("viewer", "display", "path", "message"),
    [
        (None, "", "", "There is no display to open images on. Press y to copy the path"),
        (None, ":9", "/nowhere", "xdg-open was not found. Set viewer in the settings"),
        ("no-such-viewer", "", "/nowhere", "no-such-viewer was not found. Set viewer in"),
    ],
)
async def test_without_a_way_to_open_images_the_message_says_what_to_do(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    viewer: str | None,
    display: str,
    path: str,
    message: str,
) -> None:
    monkeypatch.setattr(environment.sys, "platform", "linux")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    if path:
        monkeypatch.setenv("PATH", path)
    async with open_review(root, settings=Settings(viewer=viewer)) as anna:
        await anna.press("o")
        assert message in anna.toasts
        await anna.press("y", "p")
        assert anna.app.clipboard == str(root / anna.desk.index.rows(anna.ids[:1])[0].file)
