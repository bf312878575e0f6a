"""Finds models that were downloaded from the Hugging Face hub; uses no network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xray_tui.errors import ModelError
from xray_tui.models.hub.environment import prepare_environment
from xray_tui.text import quoted

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_REVISION = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Snapshot:
    """One downloaded revision of a hub repository."""

    hub_id: str
    revision: str
    path: Path


def is_hub_id(text: str) -> bool:
    """Whether ``text`` is ``owner/name`` as the hub allows it."""
    return _HUB_ID.fullmatch(text) is not None and ".." not in text and "--" not in text


def check_hub_id(text: str) -> None:
    """Check that ``text`` is ``owner/name``.

    Raises:
        ModelError: it is not.
    """
    if not is_hub_id(text):
        raise ModelError(
            f"{quoted(text, 200)} is not a hub id; write owner/name, as on huggingface.co"
        )


def cache_folder() -> Path:
    """The folder of huggingface_hub's downloads (see HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME)."""
    prepare_environment()
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def token_file() -> Path:
    """The file in which ``hf auth login`` saves the token; it need not exist."""
    prepare_environment()
    from huggingface_hub import constants

    return Path(constants.HF_TOKEN_PATH)


def repository(cache: Path, hub_id: str) -> Path:
    """The folder in ``cache`` for all files of ``hub_id``; it need not exist."""
    return cache / f"models--{hub_id.replace('/', '--')}"


def find_snapshot(hub_id: str) -> Snapshot | None:
    """The downloaded ``main`` revision of ``hub_id``, otherwise the newest revision; or None."""
    folder = repository(cache_folder(), hub_id)
    try:
        revision = (folder / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        revision = ""
    try:
        if _REVISION.fullmatch(revision):
            path = folder / "snapshots" / revision
            if (path / "model_index.json").is_file():
                return Snapshot(hub_id, revision, path)
        complete = [
            (file.parent.stat().st_mtime, file.parent)
            for file in folder.glob("snapshots/*/model_index.json")
            if _REVISION.fullmatch(file.parent.name)
        ]
    except OSError:
        return None
    if not complete:
        return None
    newest = max(complete)[1]
    return Snapshot(hub_id, newest.name, newest)


def snapshots() -> Iterator[Snapshot]:
    """Every downloaded repository that has a model_index.json, by name."""
    try:
        folders = sorted(cache_folder().glob("models--*--*"))
    except OSError:
        return
    for folder in folders:
        owner, _, name = folder.name.removeprefix("models--").partition("--")
        hub_id = f"{owner}/{name}"
        found = find_snapshot(hub_id) if is_hub_id(hub_id) else None
        if found is not None:
            yield found
