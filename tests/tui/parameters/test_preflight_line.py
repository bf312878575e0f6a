"""The line about the next g, at every width."""

from __future__ import annotations

import pytest
from support.textual_internals import screen_text
from support.tui_samples import HOSTILE, ThemedApp, a_prompt, assert_harmless
from textual.app import ComposeResult

from xray_tui.generation.planning.preflight import Preflight
from xray_tui.tui.parameters.preflight_line import PreflightLine

FOUR = tuple(a_prompt(f"chest-{name}") for name in "abcd")


def found(count: int = 4, each: int | None = 200, untrained: int = 0, **values: float) -> Preflight:
    prompts = FOUR[:count]
    known = {"seconds": None, "file_sizes": None, **values}
    return Preflight(prompts, count * (each or 3), each, untrained=FOUR[:untrained], **known)


KNOWN = {"seconds": 300.0, "file_sizes": 50e6}


class Host(ThemedApp):
    def compose(self) -> ComposeResult:
        yield PreflightLine()

    @property
    def line(self) -> PreflightLine:
        return self.query_one(PreflightLine)

    def shown(self, found: Preflight, hidden: int = 0) -> str:
        self.line.show(found, FOUR[:hidden])
        return str(self.line.content).strip()


async def test_the_line_says_images_time_space_and_warnings() -> None:
    app = Host()
    async with app.run_test(size=(80, 3)):
        full = "g · 4 prompts × 200 = 800 images · about 5 min · 50 MB"
        assert app.shown(found(**KNOWN)) == full
        assert app.shown(found(**KNOWN), hidden=2) == f"{full} · 2 hidden"
        assert app.shown(found(1, 1)) == "g · chest-a · 1 image · time and size not known yet"
        assert app.shown(found(each=None)).startswith("g · 4 prompts = 12 images")
        assert "1 image · time not known yet · 50 MB" in app.shown(found(1, 1, file_sizes=50e6))
        assert app.shown(found(existing=2, **KNOWN)) == full.replace("images", "images · 2 exist")
        nothing = {"seconds": 0.0, "file_sizes": 0.0}
        assert app.shown(found(1, 1, existing=1, **nothing)) == "g · chest-a · 1 image · exists"
        assert app.shown(found(existing=800, **nothing)).endswith("800 images · all exist")
        app.line.show_nothing()
        assert "mark prompts with space" in screen_text(app.screen)
        app.line.show_problem('Steps: "500" is not within 1 to 200')
        assert "not within 1 to 200" in screen_text(app.screen)
        app.shown(Preflight((a_prompt("x"),), 1, 1, None, None, (a_prompt("y"),)))
        app.line.show_problem(HOSTILE)
        assert_harmless(app)


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (140, "50 MB · 2 hidden by the filter · not trained on chest-a, chest-b"),
        (100, "50 MB · 2 hidden by the filter · 2 not trained"),
        (92, "50 MB · 2 hidden · 2 not trained"),
        (78, "about 5 min · 2 hidden · 2 not trained"),
        (64, "800 images · 2 hidden · 2 not trained"),
        (40, "g · 4 prompts × 200 = 800 images · 2 …"),
    ],
)
async def test_warnings_stay_where_the_line_is_short(width: int, text: str) -> None:
    app = Host()
    async with app.run_test(size=(width, 3)):
        shown = app.shown(found(untrained=2, **KNOWN), hidden=2)
        assert shown.endswith(text) and len(shown) <= width - 2
