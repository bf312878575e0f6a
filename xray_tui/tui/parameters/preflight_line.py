"""The line that says what ``g`` would make: prompts, images, time, space, and what to look at."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from xray_tui.generation.planning.preflight import Preflight
from xray_tui.generation.planning.training_check import names_of
from xray_tui.generation.progress import about
from xray_tui.keymap import key_of
from xray_tui.prompts.schema import Prompt
from xray_tui.text import clean, counted, size_text

_WARNING = "$text-warning"
_JOINT = " · "


class PreflightLine(Static):
    """Shows a :class:`Preflight`; facts that do not fit are left out, warnings last."""

    DEFAULT_CSS = """
    PreflightLine {
        height: 1;
        padding: 0 1;
        background: $panel;
        color: $text-muted;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._facts: list[list[tuple[str, str]]] = [[]]

    def show(self, found: Preflight, hidden: Sequence[Prompt]) -> None:
        """Show what ``g`` would make; the filter hides the prompts ``hidden``."""
        self._facts = _variants(found, len(hidden))
        self._fit()

    def show_nothing(self) -> None:
        """Say that no prompt is selected."""
        self._facts = [[(f"mark prompts with {key_of('toggle')}, or move to one", "")]]
        self._fit()

    def show_problem(self, problem: str) -> None:
        """Say why nothing can be generated."""
        self._facts = [[(clean(problem), "$text-error")]]
        self._fit()

    def on_resize(self) -> None:
        """Show as many facts as fit now."""
        self._fit()

    def _fit(self) -> None:
        key = key_of("generate")
        room = self.content_size.width - len(f"{key}{_JOINT}")
        for facts in self._facts:
            length = sum(cell_len(text) for text, _ in facts) + len(_JOINT) * (len(facts) - 1)
            if length <= room:
                break
        line = Content.styled(key, "bold $accent")
        for text, style in facts:
            line += Content(_JOINT) + Content.styled(text, style)
        self.update(
            line if length <= room else line.truncate(self.content_size.width, ellipsis=True),
            layout=False,
        )


def _variants(found: Preflight, hidden: int) -> list[list[tuple[str, str]]]:
    """The facts in order, with fewer and shorter ones from variant to variant."""
    amount = (_amount(found), "$text")
    exist = (_existing(found), "")
    time = [(about(found.seconds) if found.seconds else "", "")]
    size = [(size_text(found.file_sizes) if found.file_sizes else "", "")]
    if found.seconds is None:
        unknown = "time" if found.file_sizes is not None else "time and size"
        time = [(f"{unknown} not known yet", "")]
    long: list[str] = []
    short: list[str] = []
    if hidden:
        long.append(f"{hidden} hidden by the filter")
        short.append(f"{hidden} hidden")
    if found.untrained:
        number = len(found.untrained)
        long.append(f"not trained on {clean(names_of(found.untrained))}")
        short.append(f"{number} not trained" if len(found.prompts) > 1 else "not trained")
    warnings, short_warnings = ([(text, _WARNING) for text in texts] for texts in (long, short))
    wanted = (
        [amount, exist, *time, *size, *warnings],
        [amount, exist, *time, *size, *warnings[:-1], *short_warnings[-1:]],
        [amount, exist, *time, *size, *short_warnings],
        [amount, exist, *time, *short_warnings],
        [amount, exist, *short_warnings],
    )
    return [[(text, style) for text, style in facts if text] for facts in wanted]


def _existing(found: Preflight) -> str:
    """The images that need not be generated; their seeds are fixed."""
    exist = "exists" if found.existing == 1 else "exist"
    if not found.existing:
        return ""
    if found.existing < found.images:
        return f"{found.existing:,} {exist}"
    return exist if found.images == 1 else f"all {exist}"


def _amount(found: Preflight) -> str:
    images = counted(found.images, "image")
    if len(found.prompts) == 1:
        return f"{clean(found.prompts[0].id)}{_JOINT}{images}"
    prompts = counted(len(found.prompts), "prompt")
    return (
        f"{prompts} = {images}" if found.each is None else f"{prompts} × {found.each:,} = {images}"
    )
