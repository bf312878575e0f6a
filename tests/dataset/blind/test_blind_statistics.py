"""The statistics of blind reading, compared with published and hand-checked values."""

from __future__ import annotations

import pytest
from support.blind_samples import a_session

from xray_tui.dataset.blind.answers import BlindAnswer
from xray_tui.dataset.blind.results import evaluate
from xray_tui.dataset.blind.statistics import Share, agreement, confusion


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [  # Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_the_interval_is_the_wilson_interval(
    hits: int, total: int, low: float, high: float
) -> None:
    assert Share(hits, total).interval == pytest.approx((low, high), abs=5e-5)


def test_a_total_of_zero_has_no_share() -> None:
    assert Share(0, 0).value is None and Share(0, 0).interval is None


def test_the_interval_stays_between_0_and_1() -> None:
    for total in range(1, 60):
        assert Share(0, total).interval[0] == 0.0  # type: ignore[index]
        assert Share(total, total).interval[1] == 1.0  # type: ignore[index]


def pairs(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> list[tuple[str, str]]:
    counts = {("y", "y"): yes_yes, ("y", "n"): yes_no, ("n", "y"): no_yes, ("n", "n"): no_no}
    return [pair for pair, count in counts.items() for _ in range(count)]


@pytest.mark.parametrize(
    ("counts", "kappa"),
    [
        ((20, 5, 10, 15), 0.4),  # p_o 0.70, p_e 0.5 · 0.6 + 0.5 · 0.4 = 0.50
        ((45, 15, 25, 15), 0.1304),  # p_o 0.60, p_e 0.6 · 0.7 + 0.4 · 0.3 = 0.54
        ((25, 35, 5, 35), 0.2593),  # p_o 0.60, p_e 0.6 · 0.3 + 0.4 · 0.7 = 0.46
        ((10, 0, 0, 10), 1.0),
        ((0, 10, 10, 0), -1.0),
        ((5, 5, 5, 5), 0.0),
    ],
)
def test_kappa_is_cohens_kappa(counts: tuple[int, int, int, int], kappa: float) -> None:
    assert agreement(pairs(*counts)).kappa == pytest.approx(kappa, abs=5e-5)


def test_kappa_of_three_answers() -> None:
    """p_o = 5/8; p_e = (3·2 + 3·5 + 2·1) / 64 = 23/64; kappa = (40 - 23) / (64 - 23)."""
    said = ["aa", "ab", "ab", "bb", "bb", "bb", "cc", "ca"]
    found = agreement([(pair[0], pair[1]) for pair in said])
    assert found.agreed == Share(5, 8)
    assert found.kappa == pytest.approx(17 / 41)


def test_kappa_is_undefined_without_items_or_choice() -> None:
    assert agreement([]).kappa is None
    assert agreement([("y", "y")] * 9).kappa is None
    assert agreement([("y", "n")] * 9).kappa == 0.0  # always different, as by chance


def test_sensitivity_and_specificity() -> None:
    said = [("synthetic", "synthetic")] * 6 + [("synthetic", "real")] * 2
    said += [("real", "real")] * 9 + [("real", "synthetic")] * 3
    counted = confusion(said, ("real", "synthetic"), ("real", "synthetic"))
    assert counted.counts == ((9, 3), (2, 6))
    assert counted.right == Share(15, 20)
    assert counted.found("synthetic") == Share(6, 8)
    assert counted.found("real") == Share(9, 12)
    assert counted.found("neither") == Share(0, 0)


def test_a_session_is_evaluated_by_reviewer_and_by_pair() -> None:
    ann = {
        0: BlindAnswer("synthetic", "normal"),
        1: BlindAnswer("real", "normal"),
        2: BlindAnswer("real", ""),
        3: BlindAnswer("real", "effusion"),
    }
    bob = {0: BlindAnswer("synthetic", "normal"), 1: BlindAnswer("synthetic", None)}
    results = evaluate(a_session(), {"bob": bob, "ann": ann})
    first, second = results.reviewers
    assert (first.reviewer, second.reviewer) == ("ann", "bob")
    assert (first.complete, second.complete) == (4, 1)
    assert first.origins.counts == ((2, 0), (1, 1))
    assert first.labels.rows == ("effusion", "normal")
    assert first.labels.columns == ("effusion", "normal", "")
    assert first.labels.counts == (
        (0, 1, 0),
        (0, 1, 1),
    )  # the real image has no known label
    assert second.origins.found("real") == Share(0, 0)
    (pair,) = results.pairs
    assert pair.origins.agreed == Share(1, 2)
    assert pair.labels.agreed == Share(1, 1)
