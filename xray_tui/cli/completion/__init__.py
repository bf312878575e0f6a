"""Completion in bash, zsh and fish.

Each press of TAB starts a process, so the modules that answer import neither typer nor pydantic;
``tests/cli/completion/test_speed.py`` checks that. Nothing is created or changed by an answer.
"""
