"""Numbers of bytes are told in the unit that fits."""

import pytest

from xray_tui.text import size_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (307_200, "307 kB"),
        (999_999, "1 MB"),
        (48_000_000, "48 MB"),
        (2_140_000_000, "2.1 GB"),
        (5_000_000_000_000, "5000.0 GB"),
    ],
)
def test_the_unit_fits(count: int, text: str) -> None:
    assert size_text(count) == text
