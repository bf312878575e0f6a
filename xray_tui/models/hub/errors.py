"""Explains errors of the hub's client in sentences that say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from xray_tui.text import clean, clipped

WHEN_OFFLINE = (
    "check the network and HTTPS_PROXY, or copy the model's folder from another machine and pass "
    "its path with --model"
)
"""What to do when the hub cannot be reached."""
_BY_CLASS = {
    "GatedRepoError": "its owner requires you to accept terms: accept them at "
    "{endpoint}/{model}, then log in with 'hf auth login' or set HF_TOKEN",
    "DisabledRepoError": "the hub has disabled this model; use another model",
    "RepositoryNotFoundError": "the hub has no such model, or it is private: check the spelling "
    "(owner/name); for a private one log in with 'hf auth login' or set HF_TOKEN",
    "RevisionNotFoundError": "this model has no main branch on the hub; use another model",
    "TransportError": "{endpoint} cannot be reached ({reason}); " + WHEN_OFFLINE,
}
"""By class name, most specific first. TransportError: no connection or no complete answer."""
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MAX_CHAIN = 20


def explain(error: BaseException, model: str, endpoint: str) -> str:
    """The reason of ``error``, and what to do.

    The hub's client raises the same error for most failures; the reason is only in the chain of its
    causes. Classes are recognised by name, so that the client need not be imported.
    """
    chain = list(_chain(error))
    for cause in chain:
        text = _by_class(cause, model, endpoint) or _by_status(cause, model, endpoint)
        if text:
            return text
    for cause in chain:
        if isinstance(cause, OSError) and cause.errno is not None:
            return _by_errno(cause)
    if any(isinstance(cause, ValueError | TypeError | KeyError) for cause in chain):
        return (
            f"{endpoint} does not answer like a model hub ({_first_line(error)}); "
            "check HF_ENDPOINT and HTTPS_PROXY, and whether this network requires a login"
        )
    return f"the download failed: {_first_line(error)}; try again"


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(_MAX_CHAIN):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or cause.__context__


def _by_class(error: BaseException, model: str, endpoint: str) -> str:
    classes = {kind.__name__ for kind in type(error).__mro__}
    template = next((text for name, text in _BY_CLASS.items() if name in classes), "")
    return template.format(endpoint=endpoint, model=model, reason=_first_line(error))


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
            "the hub received too many requests from here (429): try again in a few minutes; "
            "logging in with 'hf auth login' raises the limit"
        )
    if isinstance(status, int) and status >= 500:
        return f"the hub has a problem ({status}); try again later"
    if isinstance(status, int) and status >= 400:
        return f"the hub refuses the request ({status}): {_first_line(error)}"
    return ""


def _by_errno(error: OSError) -> str:
    file = f" ({clean(str(error.filename))})" if error.filename else ""
    if error.errno in _DISK_FULL:
        return (
            f"the disk is full{file}; free some space, or set HF_HOME to a folder on another disk, "
            "and try again"
        )
    return (
        f"the model cache cannot be written: {error.strerror or 'unknown reason'}{file}; "
        "set HF_HOME to a folder you can write to"
    )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return clipped(lines[0], 200) if lines else type(error).__name__
