"""Each screen and widget keeps its style in a .tcss file beside its module."""

from pathlib import Path


def beside(module_file: str) -> str:
    """The text of the .tcss file beside ``module_file`` (pass ``__file__``), for DEFAULT_CSS."""
    return Path(module_file).with_suffix(".tcss").read_text(encoding="utf-8")
