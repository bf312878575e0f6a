"""Reasons by number right after a rejection: two keys, in every view."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.review_pilot import open_review

from xray_tui.config import Settings
from xray_tui.dataset.opinions import Opinion
from xray_tui.names import REASONS
from xray_tui.tui.review import judging

IMAGES = 9
TEXT, NOISE = Opinion("rejected", 0, (REASONS[2],)), Opinion("rejected", 0, (REASONS[3],))


async def test_rejecting_with_a_reason_takes_two_keys(root: Path) -> None:
    async with open_review(root) as anna:
        for opened in ((), ("enter",), ("escape", "c")):  # gallery, loupe, comparison
            await anna.press(*opened)
            for _ in ("auto-advance on", "off"):
                await anna.press("x", "3")
                assert list(anna.opinions().values()) == [TEXT]
                assert "Rejected · reason: 1 anatomy 2" in anna.text.splitlines()[-1]
                await anna.press("z")
                assert anna.opinions() == {}
                assert anna.toasts == "Undone: rejected 1 image as text-artefact"
                await anna.press("a")


async def test_the_reason_applies_to_all_images_just_rejected(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_review(root) as anna:
        await anna.press("right", "shift+right", "x", "4")
        assert anna.opinions() == {2: NOISE, 3: NOISE}
        assert "2 rejected · reason:" in anna.text.splitlines()[-1]
        monkeypatch.setattr(judging, "MANY_OPINIONS", 1)  # work in a thread, below a dialog
        await anna.press("V", "x")
        await anna.until(lambda: "9 rejected · reason:" in anna.text.splitlines()[-1])
        await anna.press("3")
        await anna.until(lambda: anna.opinions().get(9) == TEXT)
        await anna.press("z")
        await anna.until(lambda: anna.opinions() == {2: NOISE, 3: NOISE})


async def test_a_slip_is_corrected_with_the_same_digit(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("x", "2", "2", "3", "9", "0")  # nine and zero are no reasons
        assert anna.opinions() == {1: TEXT}


async def test_after_any_other_key_or_a_click_a_digit_means_stars(root: Path) -> None:
    async with open_review(root) as anna:
        for key in ("right", "i", "p", "tab"):
            await anna.press("x", key, "3")
            assert "reason" not in anna.text
        opinions = anna.opinions()
        assert [number for number in opinions if opinions[number].rating == 3] == [3, 4, 6, 7]
        assert not any(opinion.tags for opinion in opinions.values())
        await anna.press("x")
        await anna.click_image(9)
        await anna.press("4")
        assert anna.opinions()[9] == Opinion(rating=4)


async def test_the_reasons_are_a_setting_and_can_be_turned_off(root: Path) -> None:
    settings = Settings(reject_reasons=("motion",))
    async with open_review(root, settings=settings) as anna:
        await anna.press("x", "1", "T")
        assert anna.opinions() == {1: Opinion("rejected", 0, ("motion",))}
        await anna.shows("motion")
        assert "grid-noise" not in anna.text
    async with open_review(root, settings=Settings(reject_reasons=())) as anna:
        await anna.press("right", "x", "3")
        assert anna.opinions()[3] == Opinion(rating=3)
