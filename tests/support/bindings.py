"""The classes of the app that declare key bindings."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from textual.dom import DOMNode

from xray_tui import tui


def our_classes() -> list[type]:
    """Every widget and screen of the package that declares bindings."""
    found: set[type] = set()
    for info in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        module = importlib.import_module(info.name)
        found |= {
            kind
            for _, kind in inspect.getmembers(module, inspect.isclass)
            if kind.__module__ == info.name and issubclass(kind, DOMNode)
        }
    with_bindings = (kind for kind in found if vars(kind).get("BINDINGS"))
    return sorted(with_bindings, key=lambda kind: kind.__name__)
