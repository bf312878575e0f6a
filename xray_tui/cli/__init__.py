"""The ``xray-tui`` command."""

from xray_tui.cli.main import main

__all__ = ["main"]
