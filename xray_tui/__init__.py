"""xray-tui: a terminal workbench for synthetic radiographs."""

__version__ = "0.1.0"
