"""Advice is tried: a message that says what to do, something that provokes it, and its remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from xray_tui.errors import XrayTuiError


@dataclass(frozen=True)
class Advice:
    """``text`` is the part of the message that says what to do, as in the source.

    ``wrong`` provokes the message; ``right`` is what somebody has who did what it says.
    """

    text: str
    wrong: str
    right: str


def advised(text: str, message: str) -> None:
    """Assert that ``message`` contains the advice ``text``; the test follows it afterwards.

    ``tests/advice/test_inventory.py`` reads the first arguments of :class:`Advice` and of this
    function, so they must be plain strings.
    """
    assert text in message


def assert_helps(advice: Advice, use: Callable[[str], object]) -> None:
    """``use`` refuses what is wrong with that message, and accepts what is right."""
    with pytest.raises(XrayTuiError) as caught:
        use(advice.wrong)
    advised(advice.text, str(caught.value))
    use(advice.right)
