"""The queue pane: rows, cursor, keys, hostile titles, small panes."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len
from support.preview_samples import a_run, a_saved_image, a_step, an_end
from support.textual_internals import screen_text
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless, until
from textual.app import ComposeResult
from textual.widgets import Button, OptionList

from xray_tui.generation.events import (
    Event,
    GeneratorElsewhere,
    JobForgotten,
    JobQueued,
    JobStarted,
    JobStateChanged,
    ModelLoading,
    QueuePaused,
    QueueReordered,
)
from xray_tui.generation.job_progress import JobProgress
from xray_tui.generation.progress import ProgressModel
from xray_tui.generation.running.queue_observer import QUEUE_PAUSED
from xray_tui.tui.workbench.queue import rows
from xray_tui.tui.workbench.queue_rows import bar, job_row, sum_row
from xray_tui.tui.workbench.queue_view import KEPT, QueueView, empty_text


class Host(ThemedApp):
    """A queue of a given size, with a button before it."""

    def __init__(self, width: int = 70, height: int = 10, theme: str = "reading-room") -> None:
        super().__init__(theme)
        self._pane = (width, height)

    def compose(self) -> ComposeResult:
        yield Button("before", compact=True)
        queue = QueueView()
        queue.styles.width, queue.styles.height = self._pane
        yield queue

    def on_mount(self) -> None:
        self.queue.show_empty()

    def on_queue_view_action_requested(self, event: QueueView.ActionRequested) -> None:
        self.messages.append(event)

    @property
    def queue(self) -> QueueView:
        return self.query_one(QueueView)

    @property
    def rows(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def text(self) -> str:
        return screen_text(self.screen)

    def show_sample(self) -> None:
        for event in (
            *a_run("first", 6, "severe · 6 images"),
            an_end("first", 4, "cancelled", message="by the user"),
            *a_run("second", 40, "normal +2 · 40 images"),
            *(a_step(step, 2, "second", steps=20, batches=10) for step in range(1, 8)),
            a_saved_image("second", 1.5),
            JobQueued("third", "healthy · 9 images", 9, 2),
            ModelLoading("third", "m", "loading unet", 0.4),
        ):
            self.queue.apply(event)


async def test_an_empty_queue_says_what_to_press() -> None:
    app = Host()
    async with app.run_test():
        assert empty_text() in app.text
        assert not app.rows.display


async def test_jobs_show_their_progress() -> None:
    app = Host(100, 10)
    async with app.run_test(size=(120, 14)) as pilot:
        app.show_sample()
        await pilot.pause()
        first, second, third = (
            next(line for line in app.text.splitlines() if start in line)
            for start in ("severe", "normal +2", "healthy")
        )
        assert "4/6" in first and "cancelled · by the user" in first
        assert "1/40" in second and "1.5 s per image" in second and "step 7 of 20" in second
        assert "2/9" in third and "  loading unet 40%" in third
        assert "all 1/47" in app.text and "3.0 GB" in app.text


async def test_keys_of_a_running_job_are_offered_as_what_they_do_while_the_queue_is_paused() -> (
    None
):
    app = Host(100, 10)
    async with app.run_test(size=(120, 14)) as pilot:
        for event in (*a_run(), QueuePaused(True), JobStateChanged("job", "paused", QUEUE_PAUSED)):
            app.queue.apply(event)
        await pilot.pause()
        assert "paused with the queue" in app.text
        actions = ("pause", "resume", "cancel", "edit", "move_up")
        possible = [one for one in actions if app.queue.check_action("ask", (one,))]
        assert possible == ["pause", "cancel"]
        app.queue.apply(JobStateChanged("job", "paused"))  # the job itself, by the key
        possible = [one for one in actions if app.queue.check_action("ask", (one,))]
        assert possible == ["resume", "cancel", "edit", "move_up"]


async def test_the_sum_counts_paused_jobs_apart_and_says_if_nothing_waits() -> None:
    app = Host(100, 10)
    async with app.run_test(size=(120, 14)) as pilot:
        for event in (JobQueued("old", "normal · 500 images", 500, 0), an_end("old", 500)):
            app.queue.apply(event)
        await pilot.pause()
        assert "no job is running or waiting" in app.text and "500/500" in app.text
        for event in (*a_run("job", 8), *a_run("held", 4), JobStateChanged("held", "paused")):
            app.queue.apply(event)
        await pilot.pause()
        assert "all 0/8" in app.text and "1 paused: space resumes" in app.text
        app.queue.apply(QueuePaused(True))
        await pilot.pause()
        assert "PAUSED all 0/8" in app.text and "1 paused" in app.text


def sum_of(*events: Event, width: int = 100) -> str:
    model = ProgressModel()
    for event in events:
        model.apply(event)
    return sum_row(model, width, paused=model.paused).plain


def test_the_sum_names_interrupted_jobs_apart() -> None:
    held = (*(JobQueued("a", "", 8, 0), an_end("a", 5, "interrupted")),
            *(JobQueued("b", "", 4, 0), an_end("b", 0, "interrupted")))  # fmt: skip
    assert sum_of(*held) == "2 interrupted: space resumes"
    asked = sum_of(*held, JobQueued("c", "", 3, 0))
    assert asked.startswith("all 0/3 ") and "2 interrupted: space resumes · 1 queued" in asked
    assert "memory" in sum_of(*a_run(), a_step(1))
    assert "memory" not in sum_of(*a_run(), a_step(1), an_end(made=1, state="interrupted"))


def test_the_sign_of_a_job_that_loads_is_not_that_of_a_waiting_one() -> None:
    loads = (JobQueued("a", "", 4, 0), ModelLoading("a", "m", "loading"), JobQueued("b", "", 4, 0))
    model = ProgressModel()
    for event in loads:
        model.apply(event)
    assert [job_row(job, 80, 1, 8).plain[0] for job in model.jobs] == ["▶", "·"]
    assert "1 queued" in sum_of(*loads)


async def test_a_small_pane_still_shows_the_running_job_and_the_sum() -> None:
    app = Host(40, 4)
    async with app.run_test(size=(40, 8)) as pilot:
        app.show_sample()
        await pilot.pause()
        assert "normal +2" in app.text and "1/40" in app.text  # the running job is in view
        assert "all 1/47" in app.text


async def test_the_cursor_follows_the_running_job_unless_the_user_moved_it() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for event in [*a_run("a"), an_end("a"), *a_run("b")]:
            app.queue.apply(event)
        assert app.rows.highlighted == 1
        app.rows.focus()
        await pilot.press("up")
        await pilot.pause()
        for event in a_run("c"):
            app.queue.apply(event)
        assert app.rows.highlighted == 2  # the cursor was on a finished job
        await pilot.press("up")
        for event in a_run("d"):
            app.queue.apply(event)
        assert app.rows.highlighted == 1


async def test_the_list_scrolls_to_a_new_job_unless_it_has_the_focus() -> None:
    """F7."""
    app = Host(70, 6)
    async with app.run_test() as pilot:
        for name in "abcdef":
            app.queue.apply(JobQueued(name, f"{name} · 2 images", 2, 0))
        app.queue.reveal("g")  # before the pane knows the job
        app.queue.apply(JobQueued("g", "the new job", 2, 0))
        await pilot.pause()
        assert "the new job" in app.text
        app.rows.focus()
        await pilot.press("home")
        app.queue.apply(JobQueued("h", "one more", 2, 0))
        app.queue.reveal("h")
        await pilot.pause()
        assert app.rows.highlighted == 0


async def test_the_first_unfinished_job_is_in_sight_below_finished_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows, "NEW_SECONDS", 0.05)
    app = Host(70, 6)
    async with app.run_test() as pilot:
        for name in "abcdef":
            app.queue.apply(JobQueued(name, f"{name} · 2 images", 2, 0))
        app.queue.apply(JobQueued("g", "the interrupted job", 2, 0))
        app.queue.apply(JobQueued("h", "the other job", 2, 0))
        for name in "abcdef":
            app.queue.apply(an_end(name, 2))
        app.queue.apply(an_end("g", 0, "interrupted"))
        app.queue.apply(an_end("h", 0, "interrupted"))
        await until(pilot, lambda: "the interrupted job" in app.text)
        app.queue.apply(JobStateChanged("g", "queued"))
        app.queue.apply(JobStarted("g", 2))
        for name in "ijkl":
            app.queue.apply(JobQueued(name, f"{name} · 2 images", 2, 0))
        app.queue.reveal("l")
        assert app.rows.highlighted == app.rows.option_count - 1  # for a moment
        await until(pilot, lambda: "the interrupted job" in app.text)
        app.rows.focus()
        await pilot.press("end")
        app.queue.apply(an_end("g", 2))
        app.queue.apply(JobStarted("h", 2))
        await pilot.pause()
        assert app.rows.highlighted == app.rows.option_count - 1  # the user moved it there


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("delete", "cancel"),
        ("backspace", "cancel"),
        ("space", "pause"),
        ("e", "edit"),
        ("d", "duplicate"),
        ("K", "move_up"),
        ("J", "move_down"),
    ],
)
async def test_a_key_asks_for_an_action_on_the_job_under_the_cursor(key: str, action: str) -> None:
    app = Host()
    async with app.run_test() as pilot:
        for name in "ab":
            app.queue.apply(JobQueued(name, "a job", 8, 0))
        app.rows.focus()
        await pilot.press("down", key)
        await pilot.pause()
        asked = app.last(QueueView.ActionRequested)
        assert (asked.job_id, asked.action) == ("b", action)


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("running", {"pause", "cancel", "duplicate", "edit"}),
        ("paused", {"resume", "cancel", "duplicate", "edit", "move_up", "move_down"}),
        ("done", {"remove", "duplicate", "edit"}),
        ("failed", {"remove", "retry", "duplicate", "edit"}),
        ("cancelled", {"remove", "resume", "duplicate", "edit"}),
        ("interrupted", {"resume", "cancel", "duplicate", "edit", "move_up", "move_down"}),
    ],
)
async def test_only_possible_actions_can_be_asked_for(state: Any, possible: set[str]) -> None:
    app = Host()
    async with app.run_test() as pilot:
        for event in [*a_run("a"), JobStateChanged("a", state)]:
            app.queue.apply(event)
        app.rows.focus()
        await pilot.press("delete", "space", "r", "e", "K", "J", "d")
        await pilot.pause()
        requested = QueueView.ActionRequested
        assert {event.action for event in app.messages if isinstance(event, requested)} == possible


async def test_the_order_follows_the_queue_and_cleared_jobs_disappear() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for name in "abc":
            app.queue.apply(JobQueued(name, name, 8, 0))
        app.rows.highlighted = 1
        app.queue.apply(QueueReordered(("c", "b", "a")))
        await pilot.pause()
        assert [option.id for option in app.rows.options] == ["c", "b", "a"]
        assert app.rows.highlighted == 1
        for name in "bca":
            app.queue.apply(JobForgotten(name))
        await pilot.pause()
        assert "Nothing queued" in app.text


async def test_the_process_that_generates_is_named_unless_the_queue_is_paused() -> None:
    """M12 and F14."""
    app = Host()
    async with app.run_test() as pilot:
        for event, shown in (
            (GeneratorElsewhere("process 42"), "process 42 generates"),
            (QueuePaused(True), "Paused · P to resume"),
            (QueuePaused(False), "process 42 generates"),
            (GeneratorElsewhere("[/x] 7"), "[/x] 7 generates"),
        ):
            app.queue.apply(event)
            await pilot.pause()
            assert shown in app.text
        app.queue.apply(GeneratorElsewhere(""))
        await pilot.pause()
        assert "generates" not in app.text


async def test_only_the_last_finished_jobs_stay() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for number in range(KEPT + 5):
            for event in [*a_run(f"j{number}"), an_end(f"j{number}")]:
                app.queue.apply(event)
        for event in a_run("last"):
            app.queue.apply(event)
        await pilot.pause()
        assert app.rows.option_count == KEPT + 1
        assert app.rows.get_option_at_index(0).id == "j5"


async def test_the_pane_can_be_resized_at_any_time() -> None:
    app = Host()
    async with app.run_test(size=(130, 20)) as pilot:
        app.show_sample()
        for width, height in ((20, 3), (120, 14), (40, 4), (5, 2), (70, 10)):
            app.queue.styles.width, app.queue.styles.height = width, height
            await pilot.pause()
        assert "step 7 of 20" in app.text


async def test_hostile_titles_and_messages_are_shown_harmlessly() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for event in (
            JobQueued("[/x]", HOSTILE, 3, 0),
            ModelLoading("[/x]", HOSTILE, HOSTILE, 0.2),
            an_end("[/x]", 0, "failed", message=HOSTILE),
        ):
            app.queue.apply(event)
            await pilot.pause()
        assert "[/] x [/red] y" in app.text
        assert_harmless(app)


@pytest.mark.parametrize("width", [20, 36, 40, 60, 87, 88, 120, 200])
@pytest.mark.parametrize("lines", [1, 2])
def test_rows_fill_the_width_exactly(width: int, lines: int) -> None:
    job = JobProgress("j", "胸部 chest " * 9, 1234, 5, "running", 99, 3, 7, 20, 3, 40)
    row = job_row(job, width, lines, 20)
    first, *others = row.split("\n", allow_blank=True)
    assert first.cell_length == width
    assert all(line.cell_length <= width for line in others)


RUNNING = {"batch": 3, "batches": 10, "steps": 20, "seconds_per_image": 1.5}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"step": 7, **RUNNING}, " left · step 7/20 · 1.5 s/img"),
        ({"step": 7, "failed": 2, **RUNNING}, " left · 2 failed · step 7/20"),
        ({"loading": "loading the text encoder", "loading_fraction": 0.4}, "40% loading the text"),
        ({"loading": "loading " + "x" * 99, "loading_fraction": 0.4}, "40% loading xxx"),
        ({"state": "done", "failed": 2, "seconds_per_image": 1.5}, "done · 2 failed · 1.5 s/img"),
        ({"state": "paused", "message": QUEUE_PAUSED}, "paused with the queue"),
        ({"state": "failed", "message": "model /no/such: no such folder"}, "failed · model /no/"),
    ],
)
def test_one_line_of_an_80_column_terminal_shows_the_most_important_facts(
    fields: dict[str, Any], says: str
) -> None:
    job = JobProgress("j", "effusion +4 · 40 images", 40, 0, **{"state": "running", **fields})
    row = job_row(job, 75, 1, 23).plain
    assert says in row and "effusion +4 · 40 images" in row
    assert cell_len(row) == 75
    assert row.endswith("…") == ("xxx" in says or "no/" in says)


def test_a_title_without_room_leaves_out_the_images_that_the_row_counts_anyway() -> None:
    job = JobProgress("j", "pneumothorax +12 · 1,500 images", 1500, 0)
    assert "pneumothorax +12 " in job_row(job, 60, 1, 31).plain
    assert "…" not in job_row(job, 60, 1, 31).plain
    assert job.title in job_row(job, 75, 1, 31).plain


def test_titles_bars_and_counts_of_all_rows_are_aligned_and_use_the_width() -> None:
    jobs = [
        JobProgress("a", "normal · 8 images", 8, 0, "running", 3, **RUNNING),
        JobProgress("b", "effusion +4 · 1,000 images", 1000, 0),
    ]
    for width in (75, 120, 196):
        first, second = (job_row(job, width, 1, 26).plain for job in jobs)
        assert first.index("3/8") - second.index("0/1000") == 3
        assert first.index("━") == second.index("─") == 2 + 26 + 1
    bar_and_count = first[: first.index("3/8")]
    assert cell_len(bar_and_count) > 196 // 2


def test_a_bar_is_drawn_in_half_cells() -> None:
    assert bar(0, 4).plain == "────"
    assert bar(0.4, 4).plain == "━╸──"
    assert bar(7, 4).plain == "━━━━"


@pytest.mark.parametrize(
    ("size", "theme"),
    [((72, 9), "reading-room"), ((120, 14), "daylight"), ((40, 4), "reading-room")],
)
def test_the_queue_looks_right(snap_compare, size: tuple[int, int], theme: str) -> None:
    async def fill(pilot) -> None:
        pilot.app.show_sample()
        await pilot.pause()

    assert snap_compare(Host(*size, theme), run_before=fill, terminal_size=(size[0], size[1] + 1))
