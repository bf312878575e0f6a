"""Sends to the terminal only what changes on its screen."""
