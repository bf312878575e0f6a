"""Opens the app: everything that must happen before Textual takes the terminal."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from xray_tui.cli.rebuild_question import open_or_rebuild
from xray_tui.config import Settings
from xray_tui.dataset.files.layout import check_root
from xray_tui.prompts.library_choice import choose_library

if TYPE_CHECKING:
    from xray_tui.tui.base_app import BaseApp

GRACE_SECONDS = 4.0
"""How long the current step may take to end after the user quits the app."""

_GARBAGE = (5_000, 20, 50)
"""A full garbage collection delays keys, so it runs only after 20 × 50 × 5,000 new objects."""


def launch_review(settings: Settings) -> int:
    """Run the review on the settings' dataset; returns the exit code.

    Raises:
        DatasetError: there is no dataset, or it cannot be opened.
    """
    check_root(settings.dataset.absolute())
    dataset = open_or_rebuild(settings.dataset)
    try:
        desk = dataset.desk(settings.reviewer)
        _prepare_pictures(settings)
        from xray_tui.tui.review_app import ReviewApp

        app = ReviewApp(settings, desk)
        _run(app)
    finally:
        dataset.close()
    return app.return_code or 0


def launch(settings: Settings, *, steal_lock: bool = False) -> int:
    """Run the app on the settings' dataset and prompt library; returns the exit code.

    Raises:
        DatasetError: the dataset folder cannot be used.
    """
    # Both use the terminal, for questions and replies, so they must run before the app takes it.
    dataset = open_or_rebuild(settings.dataset, steal_lock=steal_lock)
    _prepare_pictures(settings)
    from xray_tui.tui.app import XrayTuiApp

    app = XrayTuiApp(settings, choose_library(settings), dataset)
    try:
        _run(app)
    finally:
        from xray_tui.generation.running.shutdown import end

        end(app.engine, GRACE_SECONDS, app.return_code or 0)
    dataset.close()
    return app.return_code or 0


def _prepare_pictures(settings: Settings) -> None:
    # Imports Textual, which only a command that opens an app should do.
    from xray_tui.tui.pictures.terminal import prepare_pictures

    prepare_pictures(settings.preview)


def _run(app: BaseApp) -> None:
    gc.freeze()  # imported modules are never garbage
    gc.set_threshold(*_GARBAGE)
    app.run()
