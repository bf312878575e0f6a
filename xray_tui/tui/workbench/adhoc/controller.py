"""Turns an ad-hoc prompt into images, or into an entry of the library."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xray_tui.errors import XrayTuiError
from xray_tui.generation.planning.plan import JobRequest, image_count
from xray_tui.generation.planning.training_check import unknown_words_notice
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.prompts.scratch import scratch_prompt
from xray_tui.text import counted
from xray_tui.tui.session.memory import Memory
from xray_tui.tui.workbench.adhoc.line import AdHocLine, Written
from xray_tui.tui.workbench.stage import Stage


class AdHocController:
    """Opens the line, and passes the prompt to ``generate``, or to ``edit`` for the library.

    ``library`` returns the current prompt library, or None while none could be read. The lines that
    were used are kept in ``memory``.
    """

    def __init__(
        self,
        stage: Stage,
        memory: Memory,
        library: Callable[[], PromptLibrary | None],
        generate: Callable[[Sequence[Prompt]], object],
        edit: Callable[[Prompt], object],
    ) -> None:
        self._stage = stage
        self._memory = memory
        self._library = library
        self._generate = generate
        self._edit = edit
        self._draft = ""
        """The text of a line that was left."""

    def write(self, text: str = "") -> None:
        """Open the line with ``text`` in it, otherwise with what was typed last but not used."""
        lines = self._memory.user.lines
        line = AdHocLine(self._problem, self._notice, self._images, lines, text or self._draft)
        self._stage.ask(line, self._written)

    def offer(self, text: str) -> None:
        """Have ``text`` in the line when it is opened the next time."""
        self._draft = text

    def _problem(self, line: str) -> str:
        try:
            scratch_prompt(line, self._library())
            _ = self._stage.form.overrides
        except XrayTuiError as error:
            return str(error)
        return ""

    def _notice(self, line: str) -> str:
        library = self._library()
        if not line or library is None:
            return ""
        settings, form = self._stage.settings.generation, self._stage.form
        try:
            prompt = scratch_prompt(line, library)
            notice = unknown_words_notice(prompt, library, settings, form.overrides)
        except XrayTuiError:  # reported when the line is used
            return ""
        return f"{notice[:1].upper()}{notice[1:]}" + "." * bool(notice)

    def _images(self, line: str) -> str:
        library = self._library()
        if not line or library is None:
            return ""
        settings, form = self._stage.settings.generation, self._stage.form
        try:
            prompts = (scratch_prompt(line, library),)
            request = JobRequest(prompts, library, form.overrides, settings)
            return counted(image_count(request), "image")
        except XrayTuiError:  # reported when the line is used
            return ""

    def _written(self, written: Written | None) -> None:
        if written is None or written.action == "keep":
            self._draft = "" if written is None else written.text
            return
        self._draft = ""
        self._memory.remember_line(written.text)
        prompt = scratch_prompt(written.text, self._library())
        if written.action == "edit":
            self._edit(prompt)
        else:
            self._generate((prompt,))
