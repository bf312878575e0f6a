"""``xray-tui reproduce``."""
