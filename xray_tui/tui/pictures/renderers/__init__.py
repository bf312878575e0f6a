"""The ways to draw a picture in a terminal: one module each, listed in ``table.py``."""
