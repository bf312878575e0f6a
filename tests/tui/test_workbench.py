"""The workbench: panes working together, on a real engine, dataset and the bundled checkpoint."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.preview_samples import a_live, a_run, a_saved, a_step, gradient
from textual.widgets import Footer, Input, OptionList

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.generation.events import LogLine
from xray_tui.prompts.library import default_path
from xray_tui.tui.app import XrayTuiApp
from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.screens.question import QuestionScreen
from xray_tui.tui.screens.workbench import WorkbenchScreen
from xray_tui.tui.widgets.log_view import LogView
from xray_tui.tui.widgets.parameter_form import ParameterForm
from xray_tui.tui.widgets.preview import Preview
from xray_tui.tui.widgets.prompt_list import PromptList
from xray_tui.tui.widgets.queue_view import QueueView

NOON = time.mktime((2026, 1, 2, 12, 0, 0, 0, 0, -1))
SIZES = [(80, 24), (120, 36), (200, 60)]
QUICK = {"steps": 2, "seed": 7}


class Workbench(XrayTuiApp):
    """The app on a dataset in ``folder``."""

    def __init__(
        self,
        folder: Path,
        library: Path | None = None,
        theme: Any = "reading-room",
        **generation: Any,
    ) -> None:
        self.dataset = Dataset(folder / "dataset")
        super().__init__(
            Settings(theme=theme, generation={**QUICK, **generation}),
            library or default_path(),
            self.dataset,
        )

    @asynccontextmanager
    async def run_test(self, **options: Any) -> AsyncIterator[Any]:
        """As a person waits for the panes to fill."""
        async with super().run_test(**options) as pilot:
            await self.filled(pilot)
            yield pilot

    async def filled(self, pilot: Any) -> None:
        """Wait for the panes."""
        await self.until(lambda: isinstance(self.screen, WorkbenchScreen))
        await pilot.pause()

    @property
    def workbench(self) -> WorkbenchScreen:
        return next(one for one in self.screen_stack if isinstance(one, WorkbenchScreen))

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())

    async def until(self, condition: Callable[[], object], seconds: float = 90) -> None:
        """Wait for threads."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"it did not come\n{self.text}"
            await asyncio.sleep(0.02)

    async def shows(self, text: str, seconds: float = 90) -> None:
        await self.until(lambda: text in self.text, seconds)

    async def logs(self, text: str, seconds: float = 90) -> None:
        lines = self.workbench.query_one(LogView)._lines
        await self.until(lambda: any(text in line.text for line in lines), seconds)

    def finish(self) -> None:
        """End the engine's thread before the test's folder goes."""
        self.engine.stop(finish_current=False)
        self.engine.join(60)
        self.dataset.close()


@pytest.fixture
def workbench(tmp_path: Path) -> Any:
    made: list[Workbench] = []

    def make(**options: Any) -> Workbench:
        made.append(Workbench(tmp_path, **options))
        return made[-1]

    yield make
    for app in made:
        app.finish()


async def test_an_image_is_made_shown_counted_and_decided_on(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await pilot.press("g")
        await app.shows("chest-normal-adult_7_")
        await app.shows("1/0")  # made and accepted, in the prompt list
        (record,) = app.dataset.catalog.records()
        app.workbench.query_one(Preview).focus()
        await pilot.press("p")
        await app.shows("1/1")
        review = app.dataset.catalog.review(record.id)
        assert review is not None
        assert review.decision == "accepted"
        await pilot.press("u")
        await app.shows("1/0")
    lines = (tmp_path / "dataset/.xray-tui/reviews.jsonl").read_text().splitlines()
    assert [json.loads(line)["decision"] for line in lines] == ["accepted", "undecided"]


async def test_decisions_are_shown_again_at_the_next_start(
    workbench: Callable[..., Workbench],
) -> None:
    first = workbench()
    async with first.run_test(size=(120, 36)) as pilot:
        await pilot.press("g")
        await first.until(lambda: first.dataset.catalog.record_count() == 1)
        # and leave at once: events that come while the screen is taken down harm nobody
    (record,) = first.dataset.catalog.records()
    first.dataset.decide(record, "rejected")
    first.finish()
    again = workbench()
    async with again.run_test(size=(120, 36)):
        await again.shows("rejected")


async def test_a_wrong_parameter_queues_nothing_and_says_which(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        form = app.workbench.query_one(ParameterForm)
        steps = next(row for row in form._rows if row.spec.name == "steps")
        steps.text = "0"
        await pilot.pause()
        app.workbench.query_one(PromptList).focus()
        await pilot.press("g")
        await app.logs("is not within 1 to 200")
        assert not app.engine.busy
    assert not list(app.dataset.root.glob("*/*/*.png"))


async def test_a_model_that_is_not_there_is_told_and_nothing_is_queued(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(model="/no/such/model")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("g")
        await app.logs("there is no such folder")
        assert not app.engine.busy


async def test_the_queue_is_paused_resumed_and_cancelled(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=200)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("g")
        await app.shows("step ")
        app.workbench.query_one(QueueView).query_one(OptionList).focus()
        await pilot.press("P")
        await app.logs("the queue is paused")
        assert app.engine.paused
        await pilot.press("P")
        await app.until(lambda: not app.engine.paused)
        await pilot.press("delete")
        await app.until(lambda: not app.engine.busy)
    assert not list(app.dataset.root.rglob("*.tmp"))


async def test_jobs_are_paused_moved_duplicated_edited_and_cleared_by_keys(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=2)
    queue = app.dataset.queue

    def states() -> list[str]:
        return [row.state for row in queue.rows()]

    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        queue.set_paused(True)
        await app.logs("the queue is paused")
        await pilot.press("g", "down", "g")
        await app.until(lambda: states() == ["queued", "queued"])
        first, second = (row.id for row in queue.rows())
        jobs = app.workbench.query_one(QueueView).query_one(OptionList)
        await app.until(lambda: jobs.option_count == 2)
        jobs.focus()
        await pilot.press("home", "space")
        await app.until(lambda: states() == ["paused", "queued"])
        await pilot.press("space")
        await app.until(lambda: states() == ["queued", "queued"])
        await pilot.press("J")
        await app.until(lambda: [row.id for row in queue.rows()] == [second, first])
        await app.until(lambda: jobs.get_option_at_index(0).id == second)
        await pilot.press("d")
        await app.until(lambda: len(states()) == 3)
        copy = queue.rows()[-1]
        assert copy.request["prompts"] == queue.row(first).request["prompts"]  # type: ignore[union-attr]
        assert copy.request["overrides"]["seed"] is None
        await pilot.press("home", "e")
        await app.logs("the job is back in the form")
        assert queue.state(second) == "cancelled"
        (marked,) = app.workbench.query_one(PromptList).selected
        assert marked.id == queue.row(second).request["prompts"][0]  # type: ignore[union-attr]
        jobs.focus()
        await pilot.press("c")
        await app.until(lambda: jobs.option_count == 2)
        assert second not in [row.id for row in queue.rows()]


@pytest.mark.parametrize(
    ("answer", "state"), [("g", "done"), ("l", "interrupted"), ("c", "cancelled")]
)
async def test_unfinished_jobs_are_offered_at_the_next_start(
    workbench: Callable[..., Workbench], answer: str, state: str
) -> None:
    first = workbench()
    async with first.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        first.dataset.queue.set_paused(True)
        await first.logs("the queue is paused")
        await pilot.press("g")
        await first.until(first.dataset.queue.rows)
    (job,) = first.dataset.queue.rows()
    first.dataset.queue.set_paused(False)
    first.finish()
    again = workbench()
    async with again.run_test(size=(120, 36)) as pilot:
        await again.until(lambda: isinstance(again.screen, QuestionScreen))
        assert again.dataset.queue.state(job.id) == "interrupted"
        await pilot.press(answer)
        await again.until(lambda: again.dataset.queue.state(job.id) == state)
        assert again.dataset.catalog.record_count() == int(state == "done")


async def test_quitting_while_it_works_asks_and_escape_stays(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=200)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        await app.until(lambda: app.engine.busy)
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, QuestionScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, WorkbenchScreen)
        await pilot.press("q")
        await pilot.press("s")
        await app.until(lambda: not app.is_running)
    assert not app.engine.busy


async def test_an_idle_app_quits_at_once(workbench: Callable[..., Workbench]) -> None:
    app = workbench()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await app.until(lambda: not app.is_running, 10)


async def test_a_broken_library_keeps_the_last_good_one(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    library = tmp_path / "prompts.toml"
    shutil.copy(default_path(), library)
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        library.write_text("[[prompts]]\nid = 3\n", encoding="utf-8")
        await app.logs("prompts.toml:2")
        assert "normal-adult" in app.text
        shutil.copy(default_path(), library)
        await app.logs("prompts read")
        assert "normal-adult" in app.text


async def test_every_pane_is_reached_with_tab_and_opens_where_it_is_narrow(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        seen = []
        for _ in range(6):
            pane = app.workbench._focused_pane()
            assert pane is not None
            assert pane.size.height >= 3, pane
            seen.append(type(pane))
            await pilot.press("tab")
            await pilot.pause()
        assert set(seen) == {PromptList, ParameterForm, Preview, LogView}  # the queue is empty


@pytest.mark.parametrize("size", SIZES)
async def test_a_pane_takes_the_whole_screen_and_gives_it_back(
    workbench: Callable[..., Workbench], size: tuple[int, int]
) -> None:
    app = workbench()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("m")
        await pilot.pause()
        assert app.workbench.query_one(PromptList).size.width > size[0] - 6
        await pilot.press("m")
        await pilot.pause()
        assert app.workbench.query_one(PromptList).size.width < size[0] // 2 + 2


async def test_footer_help_and_palette_know_the_same_keys(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        footer = app.workbench.query_one(Footer)
        await app.until(lambda: "q Quit" in app.text, 10)
        assert footer.region.width == 80
        palette = {command.title for command in app.get_system_commands(app.screen)}
        for owner, binding in described_bindings(app.screen):
            assert f"{owner.title}: {binding.description}" in palette


async def test_a_key_in_a_text_field_is_text(workbench: Callable[..., Workbench]) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("slash", *"qgt")
        await pilot.pause()
        assert app.workbench.query_one("#filter", Input).value == "qgt"
        assert not app.engine.busy


@pytest.mark.parametrize("theme", ["reading-room", "daylight"])
@pytest.mark.parametrize("size", SIZES)
def test_it_looks_right(
    snap_compare: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    size: tuple[int, int],
    theme: str,
) -> None:
    monkeypatch.setattr(WorkbenchScreen, "log_line", lambda *_: None)  # path and time of this run
    app = Workbench(tmp_path, theme=theme)
    saved = a_saved(number=3)
    path = app.dataset.path_of(saved.record)
    path.parent.mkdir(parents=True)
    gradient(256, 256).save(path)

    async def fill(pilot: Any) -> None:
        await app.filled(pilot)
        screen = app.workbench
        screen.show_events(
            [
                *a_run(total=8, title="chest-normal × 8"),
                *a_run("next", total=40, title="26 prompts, 40 images"),
                a_step(4),
                saved,
                LogLine("info", "model bundled loaded in 0.9 s on cpu, float32", NOON),
                LogLine("warning", "a text has 81 tokens, the model reads 77", NOON),
                a_step(7, batch=2),
            ]
        )
        if size[0] == 120:
            screen.show_events([a_live()])
        await pilot.pause(0.5)

    assert snap_compare(app, terminal_size=size, run_before=fill)
    app.finish()
