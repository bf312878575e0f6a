"""Says what went wrong between here and the hub, in words a person can act on."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from xray_tui.text import clean

AWAY = (
    "check the network and HTTPS_PROXY, or copy the model's folder from another machine and name "
    "it with --model"
)
"""What to do when the hub cannot be reached."""
_BY_CLASS = {
    "GatedRepoError": "its owner gives it only to people who accept terms: accept them at "
    "{endpoint}/{model}, then log in with 'hf auth login' or set HF_TOKEN",
    "DisabledRepoError": "the hub has disabled this model; use another one",
    "RepositoryNotFoundError": "the hub has no such model, or it is private: check the spelling "
    "(owner/name); for a private one log in with 'hf auth login' or set HF_TOKEN",
    "RevisionNotFoundError": "this model has no main branch on the hub; use another one",
    "OfflineModeIsEnabled": "the hub's client is set to offline; unset HF_HUB_OFFLINE",
    "TransportError": "{endpoint} cannot be reached ({reason}); " + AWAY,
}
"""By class name, most special first. TransportError: no connection, no answer, or half of one."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MAX_CHAIN = 20


def explain(error: BaseException, model: str, endpoint: str) -> str:
    """The reason of ``error`` or of what caused it, and what to do.

    The hub's client raises one and the same error for most failures; what happened is only in the
    chain below it. Classes are known by name, so that this needs no import of that client.
    """
    chain = list(_chain(error))
    for one in chain:
        told = _by_class(one, model, endpoint) or _by_status(one, model, endpoint)
        if told:
            return told
    for one in chain:
        if isinstance(one, OSError) and one.errno is not None:
            return _by_errno(one)
    if any(isinstance(one, ValueError | TypeError | KeyError) for one in chain):
        return (
            f"{endpoint} answers, but not as a model hub does ({_first_line(error)}); "
            "check HF_ENDPOINT and HTTPS_PROXY, and whether this network wants a log-in"
        )
    return f"the download failed: {_first_line(error)}; try again"


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    for _ in range(_MAX_CHAIN):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__


def _by_class(error: BaseException, model: str, endpoint: str) -> str:
    classes = {kind.__name__ for kind in type(error).__mro__}
    told = next((text for name, text in _BY_CLASS.items() if name in classes), "")
    return told.format(endpoint=endpoint, model=model, reason=_first_line(error))


def _by_status(error: BaseException, model: str, endpoint: str) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return (
            f"the hub refuses access ({status}): check the spelling (owner/name), check HF_TOKEN "
            f"or log in with 'hf auth login', and look at {endpoint}/{model}"
        )
    if status == 404:
        return f"{endpoint} has no such model, or is not a model hub; check HF_ENDPOINT"
    if status == 429:
        return (
            "the hub gets too many requests from here (429): wait some minutes and try again; "
            "a log-in with 'hf auth login' raises the limit"
        )
    if isinstance(status, int) and status >= 500:
        return f"the hub has trouble of its own ({status}); try again later"
    if isinstance(status, int) and status >= 400:
        return f"the hub refuses the request ({status}): {_first_line(error)}"
    return ""


def _by_errno(error: OSError) -> str:
    file = f" ({clean(str(error.filename))})" if error.filename else ""
    if error.errno in _NO_ROOM:
        return (
            f"the disk is full{file}; make room, or set HF_HOME to a folder on another disk, and "
            "run it again"
        )
    return (
        f"the model cache cannot be written: {error.strerror or 'unknown reason'}{file}; "
        "set HF_HOME to a folder you can write to"
    )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return clean(lines[0])[:200] if lines else type(error).__name__
