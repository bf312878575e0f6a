"""The session comes back: what was changed in the workbench and the review is there again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.workbench import Workbench
from textual.widgets import Input

from xray_tui.dataset.files.layout import SESSION
from xray_tui.prompts.library import default_path
from xray_tui.tui.prompts.prompt_filter import FilterInput
from xray_tui.tui.prompts.prompt_tree import PromptTree
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.session.memory import Memory

SIZE = (120, 36)


@pytest.fixture
def again(workbench: Callable[..., Workbench], tmp_path: Path) -> Callable[..., Workbench]:
    """Opens the app on the same dataset, as at another start."""

    def open_app(*, fresh: bool = False, **options: Any) -> Workbench:
        memory = Memory(tmp_path / "dataset", fresh=fresh)
        return workbench(memory=memory, theme=options.pop("theme", None), **options)

    return open_app


async def leave(app: Workbench, pilot: Any) -> None:
    await pilot.pause()
    app.exit()
    app.memory.finish()


async def test_the_workbench_comes_back(again: Callable[..., Workbench], tmp_path: Path) -> None:
    library = Path(shutil.copy(default_path(), tmp_path / "prompts.toml"))
    app = again(library=library)
    async with app.run_test(size=SIZE) as pilot:
        screen = app.workbench
        screen.prompts.mark_only(["chest-normal-adult", "chest-pneumothorax", "knee-healthy"])
        screen.prompts.go_to("knee-healthy")
        screen.query_one(PromptTree)._by_key["chest",].collapse()
        screen.form.set_override("count", 3)
        screen.form.advanced_open = True
        screen.form.set_override("guidance_scale", 4.5)
        screen.form.set_override("model", str(tmp_path / "gone"))
        await pilot.press("t")
        await leave(app, pilot)

    text = library.read_text(encoding="utf-8").replace('"chest-pneumothorax"', '"renamed"')
    library.write_text(text, encoding="utf-8")
    app = again(library=library)
    async with app.run_test(size=SIZE) as pilot:
        screen, tree = app.workbench, app.workbench.query_one(PromptTree)
        assert app.theme == "daylight"
        marked = [prompt.id for prompt in screen.prompts.selected]
        assert marked == ["chest-normal-adult", "knee-healthy"], "a prompt that is gone is ignored"
        assert tree.item is not None
        assert tree.item.key[-1] == "knee-healthy"
        assert not tree._by_key["chest",].is_expanded
        assert tree._by_key["knee",].is_expanded
        overrides = {"count": 3, "guidance_scale": 4.5}
        assert screen.form.overrides == overrides, "a model that is gone is ignored"
        assert screen.form.advanced_open
        await pilot.press("slash", *"knee", "enter")
        await leave(app, pilot)

    app = again(library=library, guidance_scale=6.0, theme="reading-room")
    async with app.run_test(size=SIZE) as pilot:
        screen = app.workbench
        assert app.theme == "reading-room", "the theme was set"
        assert screen.form.overrides == {"count": 3}, "guidance_scale was set"
        assert screen.query_one(FilterInput).value == "knee"
        assert "chest" not in str(screen.query_one(PromptTree)._by_key)
        assert "Parameters •1" in app.text
        app.action_reset_session()
        await pilot.pause()
        assert screen.form.overrides == {}
        assert not screen.form.advanced_open
        assert not screen.query_one(FilterInput).value
        assert not screen.query_one(PromptTree).marked
        assert screen.query_one(PromptTree)._by_key["chest",].is_expanded
        await leave(app, pilot)


@pytest.mark.slow
async def test_the_review_comes_back_within_the_app_and_at_the_next_start(
    again: Callable[..., Workbench],
) -> None:
    app = again()
    async with app.run_test(size=SIZE) as pilot:
        review = await open_review(app, pilot)
        await pilot.press("slash", *"decision:rejected sort:seed", "enter")
        review.action_auto_advance()
        review.action_info()
        review.views.gallery.zoom = 2
        await pilot.pause()
        await pilot.press("f2")
        await pilot.pause()
        same_again(await open_review(app, pilot))
        await leave(app, pilot)
    app = again()
    async with app.run_test(size=SIZE) as pilot:
        same_again(await open_review(app, pilot))
        review = app.screen
        assert isinstance(review, ReviewScreen)
        app.action_reset_session()
        await pilot.pause()
        assert review.query_line.text == review.images.filter_text == ""
        assert review.views.gallery.zoom == 0
        app.memory.remember_filter("@gone")
        await pilot.press("f2")
        await pilot.pause()
        app.memory.remember_filter("@gone")
        assert (await open_review(app, pilot)).images.filter_text == "", "a filter that is gone"
    app = again(fresh=True)
    assert app.memory.filter == ""


async def open_review(app: Workbench, pilot: Any) -> ReviewScreen:
    await pilot.press("f2")
    await app.until(lambda: isinstance(app.screen, ReviewScreen) and app.screen.is_mounted)
    await pilot.pause()
    assert isinstance(app.screen, ReviewScreen)
    return app.screen


def same_again(review: ReviewScreen) -> None:
    assert review.images.filter_text == "decision:rejected sort:seed"
    assert review.query_line.query_one(Input).value == "decision:rejected sort:seed"
    assert not review._auto_advance
    assert review.has_class("-details")
    assert review.views.gallery.zoom == 2


async def test_a_damaged_file_is_one_line_in_the_log(
    again: Callable[..., Workbench], tmp_path: Path
) -> None:
    app = again()
    (tmp_path / "dataset" / SESSION).write_text("{")
    app.finish()
    app = again()
    async with app.run_test(size=SIZE):
        await app.logs("session.json: it is damaged; the app starts with its defaults")
