"""Prompts and libraries for the tests of widgets."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from support.textual_internals import screen_rows
from textual.app import App
from textual.pilot import Pilot

from xray_tui.config import Settings, ThemeName
from xray_tui.prompts.schema import Defaults, Prompt, PromptLibrary
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.textual_internals import notifications

HOSTILE = (
    "[/] x [/red] y \x1b[31mred \x1b]52;c;aGk=\x07 \x9b \u202egnp.exe\u202c [PA] \ud800 \x7f \r"
)
"""Markup, escape sequences, a text-direction override, half of a surrogate pair."""


def a_prompt(prompt_id: str = "chest-normal", **changes: Any) -> Prompt:
    """A prompt with a slot; ``changes`` replace fields."""
    values: dict[str, Any] = {
        "id": prompt_id,
        "region": "chest",
        "label": "normal",
        "view": "PA",
        "findings": ("No Finding",),
        "text": "PA chest radiograph of a {sex}. Clear lungs.",
        "slots": {"sex": ("woman", "man")},
    }
    if "text" in changes and "slots" not in changes:
        changes["slots"] = {}
    return Prompt.model_validate(values | changes)


def hostile_prompt(prompt_id: str = "chest-hostile") -> Prompt:
    """A prompt whose free texts contain markup and characters that a terminal acts on."""
    nasty = HOSTILE.replace("\ud800", "")  # the schema refuses half of a surrogate pair
    return a_prompt(
        prompt_id,
        view=nasty,
        findings=(nasty, "[/b]"),
        text=nasty + "\nsecond line {sex}",
        slots={"sex": (nasty, "a | b")},
        negative=nasty,
        notes=nasty,
        parameters={"negative_prompt": nasty, "model": f"/models/{nasty}"},
    )


def a_library(*prompts: Prompt, negative: str = "") -> PromptLibrary:
    """A library of ``prompts``; by default, six prompts in two regions."""
    if not prompts:
        prompts = (
            a_prompt("chest-normal-adult", bundled=True),
            a_prompt("chest-normal-child", bundled=True, text="AP chest radiograph of a child."),
            a_prompt("chest-effusion", label="effusion", findings=("Pleural Effusion",)),
            a_prompt("chest-nodule", label="nodule", findings=("Lung Lesion",)),
            a_prompt("knee-healthy", region="knee", label="healthy", findings=(), bundled=True),
            a_prompt("knee-severe", region="knee", label="severe", findings=()),
        )
    return PromptLibrary(
        defaults=Defaults(negative=negative), prompts=prompts, source=Path("prompts.toml")
    )


class ThemedApp(BaseApp):
    """An app with the keys and themes of xray-tui and a list of the messages it received."""

    def __init__(
        self, theme: ThemeName = "reading-room", keys: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(Settings(theme=theme, keys=dict(keys)))
        self.title = type(self).__name__
        self.messages: list[Any] = []

    @property
    def toasts(self) -> str:
        """The toasts, one below the other."""
        return "\n".join(toast.message for toast in notifications(self))

    def last(self, kind: type) -> Any:
        """The latest message of class ``kind``."""
        return next(message for message in reversed(self.messages) if isinstance(message, kind))


async def until(pilot: Pilot, condition: Callable[[], object]) -> None:
    """Wait until ``condition`` is true. A failure shows the app's ``text``, which it must have."""
    for _ in range(300):
        await pilot.pause()
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"timed out\n{pilot.app.text}")


def assert_harmless(app: App[Any]) -> None:
    """Check that the screen has no character a terminal would act on."""
    for line in screen_rows(app.screen):
        text = line.text
        assert not [char for char in text if ord(char) < 32 or 0x7F <= ord(char) < 0xA0], text
        assert "\u202e" not in text
