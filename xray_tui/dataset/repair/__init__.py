"""Finds and repairs damage left by a crash, a kill or a manual change."""
