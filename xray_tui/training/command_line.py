"""The parts that all training commands share: the options for folders, and the exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from xray_tui.errors import XrayTuiError
from xray_tui.models.catalogue import bundled_path
from xray_tui.text import clean


def add_folders(parser: argparse.ArgumentParser) -> None:
    """Add the options ``--data`` and ``--work``, both a :class:`~pathlib.Path`."""
    parser.add_argument(
        "--data",
        type=_data_folder,
        required=True,
        metavar="DIR",
        help="folder of real radiographs with a metadata.csv",
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(".training"),
        metavar="DIR",
        help="folder of saved states and logs (default: %(default)s)",
    )


def add_checkpoint(parser: argparse.ArgumentParser, use: str) -> None:
    """Add the option ``--checkpoint``, a :class:`~pathlib.Path`; ``use`` begins its help."""
    parser.add_argument(
        "--checkpoint",
        type=Path,
        default=bundled_path(),
        metavar="DIR",
        help=f"{use} (default: the bundled one)",
    )


def exit_code(command: Callable[[], None]) -> int:
    """Run ``command``; 0 if it ends, 2 if its input cannot be used, 130 if Ctrl-C stops it.

    Instead of a traceback, stderr gets one line that says what is wrong.
    """
    try:
        command()
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to resume.", file=sys.stderr)
        return 130
    except (XrayTuiError, OSError) as error:
        print(f"error: {_message(error)}", file=sys.stderr)
        return 2
    return 0


def _data_folder(text: str) -> Path:
    folder = Path(text)
    if not (folder / "metadata.csv").is_file():
        raise argparse.ArgumentTypeError(f"{clean(text)} has no metadata.csv")
    return folder


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return clean(f"{error.filename}: {error.strerror}")
    lines = str(error).strip().splitlines()  # errors of libraries have many lines
    return clean(lines[0]) if lines else type(error).__name__
