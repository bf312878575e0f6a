"""Errors the user can act on, as messages on the screen; also those of work in other threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from textual.app import App
from textual.css.query import NoMatches
from textual.widget import Widget

from xray_tui.errors import XrayTuiError
from xray_tui.text import clean

_Node = TypeVar("_Node", bound=Widget)
_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


@contextmanager
def errors_told(node: Widget | App[Any]) -> Iterator[None]:
    """An error within ends the block, and is told in a toast."""
    try:
        yield
    except XrayTuiError as error:
        node.notify(clean(str(error), keep_newlines=True), severity="error", markup=False)


def told(
    method: Callable[Concatenate[_Node, _Given], None],
) -> Callable[Concatenate[_Node, _Given], None]:
    """A method of a widget or screen whose errors are told."""

    @wraps(method)
    def run(node: _Node, /, *given: _Given.args, **named: _Given.kwargs) -> None:
        with errors_told(node):
            method(node, *given, **named)

    return run


def find_aside(
    node: Widget, find: Callable[[], _Found], show: Callable[[_Found], object], group: str
) -> None:
    """Call ``find`` in a thread, and ``show`` with what it returns in the UI thread.

    Nothing is shown where ``node`` is gone by then, or the next call for ``group`` has come.
    Errors are told.
    """
    app = node.app  # a node that is gone has none

    def show_if_there(found: _Found) -> None:
        if node.is_attached:
            with suppress(NoMatches):  # it is being taken down, what is in it first
                show(found)

    def run() -> None:
        with errors_told(app):
            app.call_from_thread(show_if_there, find())

    node.run_worker(run, thread=True, group=group, exclusive=True)
