"""The manual: one Markdown page a topic, read in the app (F1) and with ``xray-tui help``."""
