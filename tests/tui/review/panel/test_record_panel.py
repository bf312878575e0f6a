"""The panel with the details of one image."""

from __future__ import annotations

from typing import Any

import pytest
from support.textual_internals import screen_text
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless
from textual.app import ComposeResult

from xray_tui.dataset.opinions import Opinion
from xray_tui.tui.review.panel.record_details import RecordDetails, detail_lines
from xray_tui.tui.review.panel.record_panel import RecordPanel


def some_details(**changes: Any) -> RecordDetails:
    values: dict[str, Any] = {
        "prompt_id": "chest-pneumonia-adult",
        "text": "PA chest radiograph of a woman. Consolidation in the right lower lobe.",
        "negative_prompt": "blurry",
        "region": "chest",
        "label": "pneumonia",
        "original_label": "pneumonia",
        "seed": 4021887766,
        "model": "bundled",
        "weights": "0123456789",
        "scheduler": "dpm++",
        "steps": 30,
        "guidance": 7.5,
        "eta": 0.0,
        "dtype": "float16",
        "device": "cuda:1",
        "batch_size": 4,
        "width": 512,
        "height": 256,
        "checks": (),
        "created": "2025-11-26T10:12:44.123456+00:00",
        "file": "chest/pneumonia/a.png",
        "opinion": Opinion(),
        "others": (),
        "verdict": "undecided",
    }
    return RecordDetails(**values | changes)


def details_text(width: int = 30, **changes: Any) -> str:
    return "\n".join(line.plain for line in detail_lines(some_details(**changes), width))


def test_the_panel_shows_how_the_image_was_generated() -> None:
    text = details_text()
    for line in (
        "chest-pneumonia-adult",
        "label     chest / pneumonia",
        "seed      4021887766",
        "model     bundled",
        "scheduler dpm++",
        "steps     30 · guidance 7.5",
        "size      512×256",
        "weights   0123456789",
        "device    cuda:1 · float16 ·",
        "          batch size 4",
        "negative  blurry",
        "checks    passed",
        "created   2025-11-26 10:12 UTC",
    ):
        assert line in text.splitlines()
    assert "was" not in text and "eta" not in text
    assert "steps     30 · guidance 7.5 ·\n          eta 0.5" in details_text(eta=0.5)
    assert "negative" not in details_text(negative_prompt="")


def test_the_panel_shows_the_opinions_of_all_reviewers() -> None:
    text = details_text(
        opinion=Opinion("rejected", 2, ("grid-noise", "wrong-label"), "Ribs merge.\nLook again."),
        others=(("anna", Opinion("accepted", 4)), ("bernhard-klein", Opinion())),
        verdict="accepted",
        original_label="normal",
        checks=("blank", "clipped"),
    )
    assert text.splitlines()[:8] == [
        "you       ✗ rejected ★★☆☆☆",
        "          grid-noise,",
        "          wrong-label",
        "          Ribs merge.",
        "          Look again.",
        "anna      ✓ accepted ★★★★☆",
        "bernhard… · undecided",
        "dataset   ✓ accepted",
    ]
    assert "          was normal" in text
    assert "checks    blank\n          clipped" in text


def test_unknown_values_are_marked_as_such() -> None:
    text = details_text(checks=None, created="yesterday")
    assert "checks    not checked yet" in text
    assert "created   yesterday" in text


@pytest.mark.parametrize("width", [1, 12, 30])
def test_nothing_is_wider_than_the_panel(width: int) -> None:
    texts = (
        "prompt_id", "text", "negative_prompt", "region", "label", "model", "weights", "scheduler",
        "device", "dtype", "file",
    )  # fmt: skip
    hostile = dict.fromkeys(texts, HOSTILE * 3)
    opinion = Opinion("rejected", 1, ("a" * 40,), HOSTILE + "\n" + "骨" * 40)
    details = some_details(**hostile, opinion=opinion, others=((HOSTILE, opinion),))
    for line in detail_lines(details, width):
        assert line.cell_length <= max(width, 12)


class Host(ThemedApp):
    def compose(self) -> ComposeResult:
        yield RecordPanel()


async def test_the_panel_follows_the_cursor() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.query_one(RecordPanel)
        panel.show(some_details(text=HOSTILE * 9, model=HOSTILE, prompt_id="[red]x[/red]"))
        panel.focus()
        await pilot.pause()
        text = screen_text(app.screen)
        assert "[red]x[/red]" in text and "· undecided" in text
        assert_harmless(app)
        assert panel.max_scroll_y > 0
        panel.scroll_to(y=5, animate=False, immediate=True)
        await pilot.pause()
        assert panel.scroll_y == 5
        panel.show(some_details(text=HOSTILE * 9))  # another image: from the top
        await pilot.pause()
        assert panel.scroll_y == 0
        panel.clear()
        await pilot.pause()
        text = screen_text(app.screen)
        assert "seed" not in text
