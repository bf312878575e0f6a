"""Optional libraries, which extras of the package bring: ``pip install 'xray-tui[parquet]'``."""

from importlib.util import find_spec


def lacking(library: str, extra: str) -> str:
    """What to do before ``library`` can be imported; empty if it can be."""
    if find_spec(library) is not None:
        return ""
    return f"needs {library}, which is not installed; install it: pip install 'xray-tui[{extra}]'"
