"""``xray-tui export``."""
