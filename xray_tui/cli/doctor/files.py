"""Checks of the settings file and of the prompt library."""

from __future__ import annotations

from collections.abc import Iterator

from xray_tui.cli.doctor.finding import Finding, ok, problem
from xray_tui.cli.doctor.situation import Situation
from xray_tui.commands import command
from xray_tui.config import load_settings
from xray_tui.environment import exists, settings_path
from xray_tui.errors import PromptLibraryError, SettingsError
from xray_tui.text import counted


def settings(situation: Situation) -> Iterator[Finding]:
    """Whether config.toml and the XRAY_TUI_… variables can be used."""
    path = settings_path()
    try:
        load_settings()
    except SettingsError as error:
        for line in str(error).splitlines():
            yield problem(
                line,
                "correct this setting, or remove it; xray-tui help settings explains all settings",
            )
        yield ok("the other settings are used here; the dataset is", situation.dataset)
        return
    if exists(path):
        yield ok("the settings can be used", path)
    else:
        yield ok("there is no settings file, so all settings have their defaults", path)


def prompts(situation: Situation) -> Iterator[Finding]:
    """Whether the prompt library can be used: what ``xray-tui prompts check`` checks."""
    from xray_tui.generation.planning.library_check import problems_of
    from xray_tui.prompts.files import read_text
    from xray_tui.prompts.library import library_error, parse
    from xray_tui.prompts.library_choice import choose_library

    path = choose_library(situation.settings).path
    try:
        text = read_text(path)
        library = parse(text, path)
        problems = problems_of(library, situation.settings.generation)
        if problems:
            raise library_error(problems, library, text)
    except PromptLibraryError as error:
        check = command("prompts", "check", path)
        for line in str(error).splitlines():
            yield problem(line, f"correct the file, and check it again with: {check}")
        return
    yield ok(f"the prompt library has {counted(len(library.prompts), 'prompt')}", path)
