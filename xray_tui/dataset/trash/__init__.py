"""Rejected images that were purged: they are in ``.xray-tui/trash/``, and can be restored."""
