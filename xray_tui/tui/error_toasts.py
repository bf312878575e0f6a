"""Shows errors the user can act on as toasts, including errors from other threads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from textual.app import App
from textual.css.query import NoMatches
from textual.widget import Widget

from xray_tui.errors import XrayTuiError
from xray_tui.text import clean

_Node = TypeVar("_Node", bound=Widget)
_Given = ParamSpec("_Given")
_Loaded = TypeVar("_Loaded")


@contextmanager
def errors_as_toasts(node: Widget | App[Any]) -> Iterator[None]:
    """Run a block; an `XrayTuiError` ends the block and appears as a toast."""
    try:
        yield
    except XrayTuiError as error:
        node.notify(clean(str(error), keep_newlines=True), severity="error", markup=False)


@contextmanager
def missing_widgets(app: App[Any]) -> Iterator[None]:
    """Run a block that may miss widgets that are being removed; the block ends, and is logged."""
    try:
        yield
    except NoMatches as error:
        drop = getattr(app, "drop_error", None)  # the apps of tests may have none
        if drop is not None:
            drop(error)


def toast_errors(
    method: Callable[Concatenate[_Node, _Given], None],
) -> Callable[Concatenate[_Node, _Given], None]:
    """Decorate a method of a widget or screen: its errors appear as toasts."""

    @wraps(method)
    def run(node: _Node, /, *given: _Given.args, **named: _Given.kwargs) -> None:
        with errors_as_toasts(node):
            method(node, *given, **named)

    return run


def load_in_background(
    node: Widget, load: Callable[[], _Loaded], show: Callable[[_Loaded], object], group: str
) -> None:
    """Call ``load`` in a thread, then ``show`` with its result in the UI thread.

    ``show`` is not called if ``node`` was unmounted in the meantime, or if there was a newer call
    for the same ``group``. Errors appear as toasts.
    """
    app = node.app  # an unmounted node has no app

    def show_if_mounted(loaded: _Loaded) -> None:
        if node.is_attached and not worker.is_cancelled:  # a thread that runs cannot be stopped
            with missing_widgets(app):  # being unmounted: its children go first
                show(loaded)

    def run() -> None:
        with errors_as_toasts(app):
            app.call_from_thread(show_if_mounted, load())

    worker = node.run_worker(run, thread=True, group=group, exclusive=True)


def is_loading(node: Widget, groups: Collection[str]) -> bool:
    """Whether :func:`load_in_background` has yet to show the result of one of these groups."""
    return any(
        worker.node is node and worker.group in groups and not worker.is_finished
        for worker in node.app.workers
    )
