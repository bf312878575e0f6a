"""Arrays that are computed once and then loaded from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", np.uint8, np.float32)


def cached_array(file: Path, compute: Callable[[], npt.NDArray[Number]]) -> npt.NDArray[Number]:
    """Load the array in ``file`` (.npy); if there is none, call ``compute`` and save its result."""
    if file.exists():
        loaded: npt.NDArray[Number] = np.load(file)
        return loaded
    computed = compute()
    save_array(file, computed)
    return computed


def save_array(file: Path, array: npt.NDArray[Number]) -> None:
    """Write ``array`` so that ``file`` (.npy) is always a whole file."""
    temporary = file.with_suffix(".new.npy")
    np.save(temporary, array)
    temporary.replace(file)
