"""The one exception of the training commands."""

from __future__ import annotations

from xray_tui.errors import XrayTuiError


class TrainingError(XrayTuiError):
    """Training data, or a folder of saved states, that cannot be used."""
