"""Image files read with care: a broken or a huge one ends in a sentence, not in a crash."""

from __future__ import annotations

import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from xray_tui.errors import DatasetError

MAX_SIDE = 4096
MAX_BYTES = 64_000_000


def read_greys(path: Path) -> Image.Image:
    """The picture in ``path`` (PNG or JPEG) in 8-bit greys.

    Raises:
        DatasetError: it cannot be shown; the message says why.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DatasetError(f"{path.name}: {size / 1e6:,.0f} MB, too large to show")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # sides are checked
            with Image.open(path, formats=("PNG", "JPEG")) as picture:
                return _decode(picture, path)
    except FileNotFoundError as error:
        raise DatasetError(f"{path.name}: the file is gone; was it moved?") from error
    except UnidentifiedImageError as error:
        raise DatasetError(f"{path.name}: not a PNG or JPEG image") from error
    except Image.DecompressionBombError as error:
        raise DatasetError(f"{path.name}: too many pixels to show") from error
    except OSError as error:
        why = error.strerror or "it is damaged"
        raise DatasetError(f"{path.name}: cannot be read ({why})") from error
    except (SyntaxError, ValueError, EOFError, MemoryError) as error:  # what Pillow's parsers raise
        raise DatasetError(f"{path.name}: cannot be read (it is damaged)") from error


def _decode(picture: Image.Image, path: Path) -> Image.Image:
    width, height = picture.size
    if max(width, height) > MAX_SIDE:
        raise DatasetError(f"{path.name}: {width} x {height} pixels, too large to show")
    if picture.mode.startswith("I"):  # 16 bits: convert would cut them off at 255
        return picture.convert("I").point(lambda value: value / 257).convert("L")
    return picture.convert("L")
