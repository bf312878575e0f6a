"""The line of reasons: at every width, each reason has its digit."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from xray_tui.names import REASONS
from xray_tui.tui.widgets.reject_reasons import reasons_line


@pytest.mark.parametrize(
    ("width", "begins"),
    [
        (140, "Rejected · reason: 1 anatomy-wrong 2 laterality-wrong 3 text-artefact"),
        (118, "Rejected · reason: 1 anatomy 2 laterality 3 text-artefact 4 grid-noise 5 label"),
        (100, "Rejected: 1 anatomy 2 laterality"),
        (78, "Rejected · reason: 1 anatomy-wrong 2 laterality-wrong 3 text-artefact\n4 grid-noise"),
        (40, "✗ 1 a… 2 l…"),
    ],
)
def test_reasons_are_shortened_to_the_width(width: int, begins: str) -> None:
    assert reasons_line(1, REASONS, (), width).plain.startswith(begins)


@pytest.mark.parametrize("reasons", [REASONS, ("wrong",), tuple("x" * n for n in range(1, 10))])
def test_every_digit_is_shown_and_nothing_is_cut_off(reasons: tuple[str, ...]) -> None:
    for width in range(5 * len(reasons), 160):
        line = reasons_line(1_000, reasons, (), width).plain
        rows = line.split("\n")
        assert len(rows) <= 2 and all(cell_len(row) <= width for row in rows)
        assert all(f"{place} " in line for place in range(1, len(reasons) + 1))


def test_reasons_given_stand_out() -> None:
    line = reasons_line(3, ("a", "b"), {"b"}, 80)
    assert line.plain == "3 rejected · reason: 1 a 2✓b"
    reversed_text = [
        line.plain[span.start : span.end] for span in line.spans if "reverse" in str(span.style)
    ]
    assert "".join(reversed_text) == "2✓b"
