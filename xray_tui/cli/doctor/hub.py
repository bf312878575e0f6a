"""Checks of what concerns the hub: downloads, token, and the model of the settings. No network."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator

from xray_tui import environment
from xray_tui.cli.doctor.finding import Finding, advice, from_error, ok, problem
from xray_tui.cli.doctor.situation import Situation, existing_folder
from xray_tui.errors import ModelError
from xray_tui.text import counted, quoted, size_text

_LEAST_ROOM = 1_000_000_000
_ENOUGH_ROOM = 6_000_000_000
"""Most Stable Diffusion checkpoints have 2 to 5 GB."""
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_YES = ("1", "on", "yes", "true")
_SET_HF_HOME = "set HF_HOME to a folder on another disk, or free some space"


def offline(_: Situation) -> Iterator[Finding]:
    """Variables that keep the hub's client offline. Ask before anything else imports it."""
    for name in _OFFLINE:
        value = environment.variable(name)
        if not value:
            continue
        if value.lower() in _YES:
            yield advice(
                f"{name}={value} keeps the hub's client offline; xray-tui generates offline "
                "anyway, and xray-tui models download ignores this variable",
                f"unset {name} if other programs are to download models",
                name,
            )
        else:
            yield advice(
                f"{name}={value} lets libraries ask the hub while a model is loaded, which can "
                "take minutes on a broken network",
                f"unset {name}; xray-tui models download works without it",
                name,
            )
    if endpoint := environment.variable("HF_ENDPOINT"):
        yield ok(f"models are downloaded from {endpoint}", "HF_ENDPOINT")


def downloads(_: Situation) -> Iterator[Finding]:
    """Where downloaded models are, and whether there is room for more."""
    from xray_tui.models.hub.cache import cache_folder, snapshots

    cache = cache_folder()
    folder = existing_folder(cache)
    try:
        if folder is None:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield problem(
            f"models cannot be downloaded, because this folder cannot be written: {error.strerror}",
            "set HF_HOME to a folder you can write to",
            cache,
        )
        return
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    shown = f"{size_text(free)} are free for downloaded models"
    if free < _LEAST_ROOM:
        yield problem(f"only {shown}; a model has 2 to 5 GB", _SET_HF_HOME, cache)
    elif free < _ENOUGH_ROOM:
        yield advice(f"{shown}; a model has 2 to 5 GB", _SET_HF_HOME, cache)
    else:
        yield ok(f"{shown}; {counted(len(list(snapshots())), 'model')} downloaded", cache)


def token(_: Situation) -> Iterator[Finding]:
    """Whether there is a token for gated and private models; its text is neither read nor shown."""
    from xray_tui.models.hub.cache import token_file

    if environment.variable("HF_TOKEN"):
        yield ok("there is a token for gated and private models", "HF_TOKEN")
    elif environment.exists(token_file()):
        yield ok("there is a token for gated and private models", token_file())
    else:
        yield ok("there is no token; only gated and private models need one (hf auth login)")


def model(situation: Situation) -> Iterator[Finding]:
    """Whether the model of the settings can be used; the hub is not asked about gates."""
    from xray_tui.models.catalogue import resolve
    from xray_tui.models.hub.cache import find_snapshot, is_hub_id

    name = str(situation.settings.generation.get("model", "bundled"))
    try:
        info = resolve(name)
    except ModelError as error:
        found = from_error(error, "choose another model: xray-tui models list", "generation.model")
        yield found
        if is_hub_id(name) and find_snapshot(name) is None:
            yield advice(
                f"whether {quoted(name)} is gated is known only online",
                "if its page asks for terms, accept them there, and then log in: hf auth login",
                "generation.model",
            )
        return
    yield ok(f"the model {quoted(name)} can be used: {info.detail}", info.path)
