"""Each screen and widget keeps its style in a .tcss file next to its module."""

from pathlib import Path


def stylesheet_for(module_file: str) -> str:
    """The text of the .tcss file next to ``module_file`` (pass ``__file__``), for DEFAULT_CSS."""
    return Path(module_file).with_suffix(".tcss").read_text(encoding="utf-8")
