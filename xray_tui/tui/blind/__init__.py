"""Blind reading: reviewers decide which images are real, without seeing where they come from."""
