"""Commands that messages advise, so that they can be copied into a shell as they stand."""

from __future__ import annotations

import shlex
from pathlib import Path

from xray_tui.config import load_settings
from xray_tui.environment import absolute
from xray_tui.errors import SettingsError
from xray_tui.text import clean


def command(*words: object, dataset: Path | None = None) -> str:
    """``xray-tui`` with ``words``, quoted for a shell.

    ``--dataset`` is added if the command would use another dataset than ``dataset`` without it.
    """
    texts = [str(word) for word in words]
    if dataset is not None and not _is_current(dataset):
        texts += ["--dataset", str(dataset)]
    return clean(shlex.join(["xray-tui", *texts]))


def _is_current(dataset: Path) -> bool:
    """Whether settings, environment and current folder lead to ``dataset`` without an option."""
    try:
        return absolute(load_settings().dataset) == absolute(dataset)
    except SettingsError:
        return False
