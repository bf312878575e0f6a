"""The lines below the picture: which prompt, its text, how the image is made, the file."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.records import Record
from xray_tui.generation.events import PreviewReady
from xray_tui.tasks import Task
from xray_tui.text import clean
from xray_tui.tui.stylesheet import beside

_DECISIONS: dict[Decision, tuple[str, str]] = {
    "accepted": ("✓ accepted", "$text-success"),
    "rejected": ("✗ rejected", "$text-error"),
    "undecided": ("", ""),
}


class PreviewCaption(Vertical):
    """Describes a live picture or a finished image in as many lines as its classes allow."""

    DEFAULT_CSS = beside(__file__)

    def compose(self) -> ComposeResult:
        for name in ("headline", "text", "settings", "file"):
            yield Static(id=f"caption-{name}", markup=False)

    def show_live(self, event: PreviewReady) -> None:
        """Describe the image that is being made."""
        task = event.task
        self._show(
            headline=f"step {event.step} of {event.steps} · {task.prompt_id} · seed {task.seed}",
            text=task.text,
            settings=settings_text(task, task.parameters.model),
            file="in the making",
        )

    def show_record(self, record: Record, decision: Decision) -> None:
        """Describe a finished image, and what was decided on it."""
        task = record.task
        self._show(
            headline=f"{task.prompt_id} · seed {task.seed}",
            decision=_DECISIONS[decision],
            text=task.text,
            settings=settings_text(task, record.provenance.model),
            file=record.file,
        )

    def clear(self) -> None:
        """Say nothing."""
        self._show("", "", "", "")

    def _show(
        self,
        headline: str,
        text: str,
        settings: str,
        file: str,
        decision: tuple[str, str] = ("", ""),
    ) -> None:
        texts = {"headline": headline, "text": text, "settings": settings, "file": file}
        lines = {name: Content(clean(value)) for name, value in texts.items()}
        if decision[0]:
            lines["headline"] = Content.assemble(decision, " · ", lines["headline"])
        for name, line in lines.items():
            # Their heights are fixed, so there is nothing to lay out again.
            self.query_one(f"#caption-{name}", Static).update(line, layout=False)


def settings_text(task: Task, model: str) -> str:
    """The parameters that shape an image, the most telling first."""
    used = task.parameters
    size = f"{used.width}×{used.height}" if used.width and used.height else "the model's size"
    return (
        f"{used.scheduler} · {used.steps} steps · guidance {used.guidance_scale:g} · "
        f"{size} · {model}"
    )
