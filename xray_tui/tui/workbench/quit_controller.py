"""Leaving the app: at once when it is idle, otherwise after asking what to do with the job."""

from __future__ import annotations

from collections.abc import Callable

from xray_tui.generation.running.engine import Engine
from xray_tui.keymap import key_of
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.workbench.stage import Stage

STOP_SECONDS = 0.5
"""How long the screen waits for the step; then the launcher waits, for at most 4 s."""


class QuitController:
    """Stops ``engine`` as the user wishes, then calls ``leave`` on the UI thread."""

    def __init__(self, stage: Stage, engine: Engine, leave: Callable[[], object]) -> None:
        self._stage = stage
        self._engine = engine
        self._leave = leave
        self._leaving = False

    def at_stake(self) -> str:
        """What would be interrupted if the app ended now, without having asked; maybe nothing."""
        return "A job is running." if self._engine.busy and not self._leaving else ""

    def quit(self) -> None:
        """Leave; while the engine generates, ask first. A second call leaves without asking."""
        if not self.at_stake():
            self._leave()
            return
        stay = Choice("stay", "escape", "Keep working")
        if self._engine.in_batch:
            question = QuestionScreen(
                "Still generating",
                "Finished images are saved; the rest stays queued and can be resumed next time.",
                [
                    Choice("finish", "f", "Finish the current batch, then quit"),
                    Choice("stop", "s", "Stop after this step and quit"),
                    stay,
                ],
            )
        else:
            question = QuestionScreen(
                "A job is at work",
                "No batch has begun yet, or the last one is being saved. The job stays in the "
                "queue and can be resumed next time.",
                [Choice("now", "s", "Stop and quit"), stay],
            )
        self._stage.ask(question, self._answered)

    def _answered(self, choice: str | None) -> None:
        if choice == "finish":
            self._stop(
                f"Quitting after this batch. Press {key_of('quit')} again to quit now.", None
            )
        elif choice == "stop":
            self._stop("Stopping after this step.", STOP_SECONDS)
        elif choice == "now":
            self._stop("Stopping.", STOP_SECONDS)

    def _stop(self, notice: str, seconds: float | None) -> None:
        """Stop the engine, and leave once it has stopped, or after ``seconds`` at the latest."""
        self._leaving = True
        self._engine.stop(finish_current=seconds is None)
        self._stage.announce("info", notice)

        def wait() -> None:
            self._engine.join(seconds)
            self._stage.from_thread(self._leave)

        self._stage.in_thread(wait, "quit")
