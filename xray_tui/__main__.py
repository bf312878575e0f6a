"""``python -m xray_tui`` is the same as ``xray-tui``."""

from xray_tui.cli import main

main()
