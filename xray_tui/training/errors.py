"""The exception that the training commands raise."""

from __future__ import annotations

from xray_tui.errors import XrayTuiError


class TrainingError(XrayTuiError):
    """The training data, or a folder of saved states, cannot be used."""
