"""The ``xray-tui`` command."""
