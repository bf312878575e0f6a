"""Opens the app: everything that must happen before Textual takes the terminal."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from xray_tui.cli.rebuild_question import (
    existing_dataset,
    new_or_existing_dataset,
    open_or_rebuild,
)
from xray_tui.cli.watchdog import Watchdog
from xray_tui.config import Settings
from xray_tui.errors import ParameterError
from xray_tui.prompts.library_choice import choose_library
from xray_tui.text import quoted

if TYPE_CHECKING:
    from xray_tui.dataset.dataset import Dataset
    from xray_tui.tui.base_app import BaseApp

RESERVE_SECONDS = 0.5
"""Time for the end itself, which the current step may not use."""

GARBAGE_THRESHOLDS = (5_000, 20, 50)
"""A full garbage collection delays keys, so it runs only after 20 × 50 × 5,000 new objects."""


def launch_review(
    settings: Settings, filter_text: str = "", *, fresh: bool = False, adopt: bool = False
) -> int:
    """Run the review on the settings' dataset; returns the exit code.

    With a ``filter_text``, it shows the images of that filter. With ``fresh``, it starts with the
    defaults, not as it was left. With ``adopt``, a copy without its hidden folder becomes a dataset
    without a question.

    Raises:
        DatasetError: there is no dataset, or it cannot be opened.
        ParameterError: the filter cannot be understood; the message says why.
    """
    existing_dataset(settings.dataset, adopt=adopt)
    dataset = open_or_rebuild(settings.dataset)
    try:
        _check_filter(dataset, filter_text)
        desk = dataset.desk(settings.reviewer, hide_votes=settings.hide_votes)
        _prepare_pictures(settings)
        from xray_tui.generation.running.job_end_hook import job_end_hook
        from xray_tui.tui.review_app import ReviewApp
        from xray_tui.tui.session.memory import Memory

        memory = Memory(dataset.root, desk.reviewer, fresh=fresh)
        app = ReviewApp(settings, desk, memory, filter_text)
        with job_end_hook(settings.on_job_end, dataset, app.report_problem, wait=0):
            return _run(app, dataset)[0]
    finally:
        dataset.close()


def _check_filter(dataset: Dataset, text: str) -> None:
    from xray_tui.dataset.query.parsing import QueryError, parse
    from xray_tui.dataset.query.saved_filters import SavedFilters

    try:
        parse(text, SavedFilters(dataset.root).read())
    except QueryError as error:
        raise ParameterError(f"--filter {quoted(text)}: {error}") from error


def launch(settings: Settings, *, steal_lock: bool = False, fresh: bool = False) -> int:
    """Run the app on the settings' dataset and prompt library; returns the exit code.

    With ``fresh``, it starts with the defaults, not as it was left.

    Raises:
        DatasetError: the dataset folder cannot be used.
    """
    # All use the terminal, for questions and replies, so they must run before the app takes it.
    new_or_existing_dataset(settings.dataset)
    dataset = open_or_rebuild(settings.dataset, steal_lock=steal_lock)
    _prepare_pictures(settings)
    from xray_tui.generation.running.job_end_hook import job_end_hook
    from xray_tui.tui.app import XrayTuiApp
    from xray_tui.tui.session.memory import Memory

    memory = Memory(dataset.root, dataset.desk(settings.reviewer).reviewer, fresh=fresh)
    app = XrayTuiApp(settings, choose_library(settings), dataset, memory)
    with job_end_hook(settings.on_job_end, dataset, app.report_problem, wait=0):
        code, watchdog = _run(app, dataset)

        from xray_tui.generation.running.shutdown import end

        end(app.engine, max(0.0, watchdog.seconds_left() - RESERVE_SECONDS), code)
    dataset.close()
    return code


def _prepare_pictures(settings: Settings) -> None:
    # Imports Textual, which only a command that opens an app should do.
    from xray_tui.tui.pictures.terminal import prepare_pictures

    prepare_pictures(settings.preview)


def _run(app: BaseApp, dataset: Dataset) -> tuple[int, Watchdog]:
    """Run ``app``; returns its exit code, and the watchdog that ends the process in time."""
    from xray_tui.tui.pictures.choice import warn_of_pictures
    from xray_tui.tui.pictures.tmux_watch import watch_tmux

    gc.freeze()  # imported modules are never garbage
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    watchdog = Watchdog(app.end_for_signal)
    app.when_ending = watchdog.begin
    errors = app.survive_errors(dataset.log_path)
    watchdog.start()
    warn_of_pictures(app)
    watch_tmux(app)
    try:
        app.run()
    except Exception as error:
        from xray_tui.tui.base_app import CRASHED

        watchdog.begin(CRASHED)
        errors.end(error, app)
        watchdog.restore_terminal()
    if errors.sentence:
        with suppress(OSError):  # the terminal may be gone
            print(errors.sentence, file=sys.stderr, flush=True)  # noqa: T201
    watchdog.begin(app.return_code or 0)
    app.memory.finish()
    assert watchdog.code is not None
    return watchdog.code, watchdog
