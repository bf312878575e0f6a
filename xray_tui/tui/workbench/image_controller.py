"""The keys that do something with a finished image other than judging it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from xray_tui.dataset.records import Record
from xray_tui.dataset.review.targets import Label
from xray_tui.generation.planning.again import draws, form_values
from xray_tui.keymap import key_of
from xray_tui.prompts.schema import Prompt
from xray_tui.prompts.scratch import as_line
from xray_tui.tasks import Task
from xray_tui.tui.dialogs.outlets import ImageOutlets, OutgoingImage
from xray_tui.tui.parameters.form_history import Along
from xray_tui.tui.preview.preview import ImageAction
from xray_tui.tui.workbench.adhoc.controller import AdHocController
from xray_tui.tui.workbench.generate_controller import GenerateController
from xray_tui.tui.workbench.stage import Stage


def _loaded() -> str:
    return (
        "Prompt, seed and parameters of the image are in the form. "
        f"Press {key_of('generate')} to generate."
    )


def fill_in(stage: Stage, values: Mapping[str, Any], prompt_ids: Iterable[str]) -> None:
    """Put these parameters into the form and mark only these prompts, in one step of undo.

    Prompts that the user marks or unmarks before the undo stay so.
    """
    prompts = stage.prompts
    before = prompts.remembered.marks
    prompts.mark_only(prompt_ids)
    after = prompts.remembered.marks

    def change(gone: frozenset[str], new: frozenset[str]) -> None:
        prompts.mark_only((prompts.remembered.marks - gone) | new)

    lost, added = before - after, after - before
    stage.form.set_overrides(
        values, Along(partial(change, added, lost), partial(change, lost, added))
    )


class ImageController:
    """Acts on images of the dataset in ``root``, also for the review.

    ``after_decisions`` calls something in a thread once all decisions so far are stored.
    """

    def __init__(
        self,
        stage: Stage,
        root: Path,
        outlets: ImageOutlets,
        generate: GenerateController,
        ad_hoc: AdHocController,
        after_decisions: Callable[[Callable[[], object]], object],
    ) -> None:
        self._stage = stage
        self._root = root
        self._outlets = outlets
        self._generate = generate
        self._ad_hoc = ad_hoc
        self._after_decisions = after_decisions

    def do(self, record: Record, action: ImageAction) -> None:
        """Carry out ``action`` on an image."""
        path, task = self._root / record.file, record.task
        match action:
            case "copy":
                self._outlets.copy([OutgoingImage(path, task.text, task.seed)])
            case "open":
                self._outlets.open([path])
            case "edit":
                self.take_settings(task)
            case "again":  # undone before the decisions that the user made earlier
                self._after_decisions(lambda: self._stage.from_thread(self.again, [task]))

    def again(self, tasks: Sequence[Task]) -> None:
        """Queue one new image for each of ``tasks``: the same, with a new seed."""
        self._generate.generate_again(tasks)

    def labels(self) -> set[Label]:
        """Region and label of every prompt of the library."""
        library = self._generate.library
        return {(one.region, one.label) for one in (library.prompts if library else ())}

    def take_settings(self, task: Task) -> None:
        """Load prompt, seed and parameters of an image into the form.

        Without its prompt, the text is loaded into the line of an ad-hoc prompt.
        """
        library = self._generate.library
        known = () if library is None else library.prompts
        prompt = next((one for one in known if one.id == task.prompt_id), None)

        def work() -> None:
            values = form_values(task, prompt, library, self._stage.settings.generation)
            self._stage.from_thread(self._fill_in, task, prompt, values)

        self._stage.in_thread(work, "settings")  # it may read the files of a model

    def _fill_in(self, task: Task, prompt: Prompt | None, values: Mapping[str, Any]) -> None:
        if prompt is None:
            self._stage.form.set_overrides(values)
            self._stage.write_prompt(as_line(task.text))
            return
        fill_in(self._stage, values, [prompt.id])
        self._stage.form.focus()
        if draws(prompt, task):
            self._stage.announce("info", _loaded())
        else:
            self._ad_hoc.offer(as_line(task.text))
            exact = f"The prompt may pick other words; {key_of('one_off')} has the exact text."
            self._stage.announce("info", f"{_loaded()} {exact}")
