"""Requests become jobs of fixed tasks."""
