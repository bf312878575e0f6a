"""Questions before images are queued: prompts unknown to the model, and large numbers of images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from textual.screen import Screen

from xray_tui.generation.events import LogLevel
from xray_tui.generation.planning.plan import JobRequest, image_count
from xray_tui.generation.planning.shortfall import ShortfallRequests
from xray_tui.generation.planning.training_check import (
    marks_trained_prompts,
    names_of,
    untrained_prompts,
)
from xray_tui.generation.progress import about
from xray_tui.text import counted
from xray_tui.tui.dialogs.question import Choice, QuestionScreen

T = TypeVar("T")

MANY_IMAGES = 200
"""More images than this are queued only after a question."""


class Asker(Protocol):
    """A screen that the questions are asked on."""

    def announce(self, level: LogLevel, text: str) -> None:
        """Show ``text`` as the response to something the user just did."""

    def ask(self, dialog: Screen[T], answered: Callable[[T | None], None]) -> None:
        """Open ``dialog``, and call ``answered`` with its result when it is closed."""


SecondsFor = Callable[[Sequence[JobRequest]], float | None]
"""Seconds that all requests together take; None if that is not known."""


class Confirmation:
    """Asks the user of ``stage``; the first choice of each question is the safe one."""

    def __init__(self, stage: Asker, seconds_for: SecondsFor) -> None:
        self._stage = stage
        self._seconds_for = seconds_for

    def of_request(self, request: JobRequest, queue: Callable[[JobRequest], object]) -> None:
        """Call ``queue`` with the part of ``request`` that the user wants, if any.

        Raises:
            ParameterError: the parameters of ``request`` are not valid.
        """
        untrained = untrained_prompts(request)
        if not untrained:
            self._of_number(request, queue)
        elif not marks_trained_prompts(request.library):
            text = f"The bundled model was not trained on {names_of(untrained)}."
            self._stage.announce("warning", text)
            self._of_number(request, queue)
        else:
            known = tuple(prompt for prompt in request.prompts if prompt not in untrained)
            part = replace(request, prompts=known)
            safe = f"Leave out: {_images(part)}" if known else "Generate nothing"
            self._ask(
                "Not trained on these prompts",
                f"The bundled model was not trained on {names_of(untrained)}. It would generate "
                "images that do not show what their label says.",
                [
                    Choice("part", "l", safe),
                    Choice("all", "a", f"Generate all: {_images(request)}"),
                ],
                {
                    "part": lambda: self._of_number(part, queue) if known else None,
                    "all": lambda: self._of_number(request, queue),
                },
            )

    def of_shortfall(
        self,
        found: ShortfallRequests,
        with_untrained: Callable[[], ShortfallRequests],
        queue: Callable[[ShortfallRequests], object],
        otherwise: Callable[[], object],
    ) -> None:
        """Call ``queue`` with ``found`` or the result of ``with_untrained``, or ``otherwise``.

        Does not ask about a few images of prompts that the model was trained on.
        """
        if not found.images and not found.left_out:
            self._stage.announce("warning", found.notice)
            return
        if found.images <= MANY_IMAGES and not found.left_out:
            queue(found)
            return
        images = counted(found.images, "image")
        text, choices = [], [Choice("none", "n", "Do not queue")]
        if found.images:
            labels = counted(found.labels, "label")
            text.append(f"Queue {images} for {labels}?{self._time(found.requests)}")
            choices.append(Choice("part", "y", f"Queue {images}"))
        complete = with_untrained() if found.left_out else found
        if found.left_out:
            names = f"The bundled model was not trained on {found.left_out_names}"
            text.append(f"{names}: its images would not show what their label says.")
            choices.append(
                Choice("all", "a", f"Queue {counted(complete.images, 'image')}, all labels")
            )
        self._ask(
            "Generate missing images",
            "\n".join(text),
            choices,
            {"part": lambda: queue(found), "all": lambda: queue(complete)},
            otherwise,
        )

    def _of_number(self, request: JobRequest, queue: Callable[[JobRequest], object]) -> None:
        self.of_number([request], lambda: queue(request))

    def of_number(self, requests: Sequence[JobRequest], queue: Callable[[], object]) -> None:
        """Call ``queue``; if ``requests`` ask for many images, only after a question.

        Raises:
            ParameterError: the parameters of a request are not valid.
        """
        images = sum(map(image_count, requests))
        if images <= MANY_IMAGES:
            queue()
            return
        self._ask(
            "Many images",
            f"{counted(images, 'image')} would be generated.{self._time(requests)}",
            [
                Choice("none", "n", "Generate nothing"),
                Choice("all", "a", f"Generate {counted(images, 'image')}"),
            ],
            {"all": queue},
        )

    def _time(self, requests: Sequence[JobRequest]) -> str:
        """A sentence about the time that ``requests`` take; empty if that is not known."""
        seconds = self._seconds_for(requests)
        return "" if seconds is None else f" That takes {about(seconds)}."

    def _ask(
        self,
        title: str,
        question: str,
        choices: list[Choice],
        actions: dict[str, Callable[[], object]],
        otherwise: Callable[[], object] = lambda: None,
    ) -> None:
        def answered(choice: str | None) -> None:
            actions.get(choice or "", otherwise)()

        self._stage.ask(QuestionScreen(title, question, choices), answered)


def _images(request: JobRequest) -> str:
    prompts = counted(len(request.prompts), "prompt")
    return f"{prompts}, {counted(image_count(request), 'image')}"
