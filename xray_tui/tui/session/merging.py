"""Puts what one app changed into the state that another app may have changed meanwhile."""

from __future__ import annotations

from typing import Any, TypeVar

from xray_tui.tui.session.state import State

S = TypeVar("S", bound=State)


def merged(now: S, before: S, after: S) -> S:
    """``now``, changed as ``before`` was to become ``after``; the rest of it stays.

    Of a state each field is changed, of a dictionary each key, of a set each member; anything else
    is replaced whole.
    """
    update = {
        name: _merged(getattr(now, name), getattr(before, name), getattr(after, name))
        for name in type(now).model_fields
    }
    return now.model_copy(update=update)


def _merged(now: Any, before: Any, after: Any) -> Any:
    if before == after:
        return now
    match after:
        case State():
            return merged(now, before, after)
        case dict():
            gone = before.keys() - after.keys()
            kept = {name: value for name, value in now.items() if name not in gone}
            changed = {
                name: value
                for name, value in after.items()
                if name not in before or before[name] != value
            }
            return kept | changed
        case frozenset():
            return (now - (before - after)) | (after - before)
        case _:
            return after
