"""Turns requests into jobs of fixed tasks."""
