"""The lines below the picture: prompt, text, parameters, and file."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from xray_tui.dataset.opinions import Decision, Opinion
from xray_tui.dataset.records import Record
from xray_tui.generation.events import PreviewReady
from xray_tui.tasks import Task
from xray_tui.text import clean, counted
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.text_fit import cut, fitting, wrap

_DECISIONS: dict[Decision, tuple[str, str]] = {
    "accepted": ("✓ accepted", "$text-success"),
    "rejected": ("✗ rejected", "$text-error"),
    "undecided": ("", ""),
}
_NO_DECISION = ("", "")
_SHORTEST = 4
"""Columns below which a prompt's name is left out instead of cut."""


class PreviewCaption(Vertical):
    """Describes a live picture or a finished image in as many lines as its classes allow.

    Facts that do not fit into the width are left out; the tooltip has all of them.
    """

    DEFAULT_CSS = stylesheet_for(__file__)

    def __init__(self) -> None:
        super().__init__()
        self._headline: list[str] = []
        self._settings: list[str] = []
        self._text = ""
        self._file = ""
        """The file of a finished image; empty for a live picture."""
        self._decision = _NO_DECISION
        self._words = ""

    def compose(self) -> ComposeResult:
        for name in ("headline", "text", "settings", "file"):
            yield Static(id=f"caption-{name}", markup=False)

    def on_resize(self) -> None:
        """Show as many facts as fit now."""
        self._fit()

    def show_live(self, event: PreviewReady) -> None:
        """Describe the image that is being generated."""
        task = event.task
        self._show(
            [f"step {event.step} of {event.steps}", task.prompt_id, f"seed {task.seed}"],
            task.text,
            settings_facts(task, task.parameters.model),
            "",
        )

    def show_record(self, record: Record, opinion: Opinion) -> None:
        """Describe a finished image, and the decision and the stars that it has."""
        task = record.task
        stars = ["★" * opinion.rating] if opinion.rating else []
        self._show(
            [*stars, task.prompt_id, f"seed {task.seed}"],
            task.text,
            settings_facts(task, record.provenance.model),
            record.file,
            _DECISIONS[opinion.decision],
        )

    def show_words(self, words: str) -> None:
        """Show ``words`` in place of the parameters; nothing if they are empty."""
        if words != self._words:
            self._words = words
            self._fit()

    def clear(self) -> None:
        """Show nothing."""
        self._show([], "", [], "")

    def _show(
        self,
        headline: list[str],
        text: str,
        settings: list[str],
        file: str,
        decision: tuple[str, str] = _NO_DECISION,
    ) -> None:
        self._headline = [clean(fact) for fact in headline]
        self._settings = [clean(fact) for fact in settings]
        self._decision = decision
        self._text = clean(text)
        self._file = clean(file)
        self._fit()
        first = " · ".join([*decision[:1], *self._headline]).removeprefix(" · ")
        lines = filter(None, (first, self._text, " · ".join(self._settings), self._file))
        self.tooltip = Content("\n".join(lines)) if headline else None

    def _fit(self) -> None:
        width = self.content_size.width
        word, style = self._decision
        if word and cell_len(" · ".join([word, *self._headline])) > width:
            word = word[0]  # its sign
        lead = Content.assemble((word, style), " · " if word else "")
        headline = _headline(self._headline, width - lead.cell_length)
        self._update("headline", lead + Content(headline))
        self._update("text", Content(self._fitted_text(width)))
        if self._words:
            self._show_fitted_words(width)
            return
        self._update("settings", Content(" · ".join(fitting(self._settings, width))))
        self._update("file", Content(self._file or "generating" * bool(self._headline)))

    def _show_fitted_words(self, width: int) -> None:
        """Show the words in the line of the settings; what is left in that of the file, if any."""
        lines = wrap(self._words, width) if width > 1 else []
        file, rest = self._file, ""
        if len(lines) > 1 and self.query_one("#caption-file").display:
            file, rest = "", cut(" ".join(lines[1:]), width)
        first = lines[0] if rest else cut(self._words, width)
        self._update("settings", Content.styled(first, "$text-warning"))
        self._update("file", Content.styled(rest, "$text-warning") if rest else Content(file))

    def _fitted_text(self, width: int) -> str:
        """The text in the lines there are, with an ellipsis where it is cut."""
        rows = self.query_one("#caption-text").size.height
        if width < 2 or rows < 2:
            return self._text  # a single line is cut by its style
        lines = wrap(self._text, width)
        if len(lines) <= rows:
            return self._text
        kept, rest = lines[: rows - 1], " ".join(lines[rows - 1 :])
        return "\n".join([*kept, cut(rest, width)])

    def _update(self, name: str, line: Content) -> None:
        # The heights of the lines are fixed, so no new layout is needed.
        self.query_one(f"#caption-{name}", Static).update(line, layout=False)


def _headline(facts: list[str], width: int) -> str:
    """``facts`` in ``width`` cells: the prompt, the last but one, is cut before the seed is."""
    headline = " · ".join(facts)
    surplus = cell_len(headline) - width
    if surplus <= 0 or len(facts) < 2:
        return headline
    *first, prompt, seed = facts
    room = cell_len(prompt) - surplus
    return " · ".join([*first, cut(prompt, room), seed] if room >= _SHORTEST else [*first, seed])


def settings_facts(task: Task, model: str) -> list[str]:
    """The parameters that matter most for an image, the most important first."""
    used = task.parameters
    size = f"{used.width}×{used.height}" if used.width and used.height else "native size"
    return [
        used.scheduler,
        counted(used.steps, "step"),
        f"guidance {used.guidance_scale:g}",
        size,
        model,
    ]
