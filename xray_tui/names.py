"""What a reviewer can be called, wherever the name comes from: settings, a flag, reviews.jsonl."""

from xray_tui.text import clean

LONGEST_NAME = 64


def name_problem(name: str) -> str:
    """Why ``name`` cannot be a reviewer's; empty if it can."""
    if name.strip() and len(name) <= LONGEST_NAME and clean(name) == name:
        return ""
    return (
        f"{clean(name)!r} cannot be a reviewer's name; use 1 to {LONGEST_NAME} printable characters"
    )
