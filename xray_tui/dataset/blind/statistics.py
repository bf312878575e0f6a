"""The statistics of blind reading, in plain arithmetic, with sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


@dataclass(frozen=True)
class Share:
    """``hits`` of ``total``; ``value`` and ``interval`` are None if ``total`` is 0."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """From 0 to 1."""
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval, without continuity correction.

        E. B. Wilson, Probable inference, the law of succession, and statistical inference, J. Am.
        Stat. Assoc. 22 (1927) 209-212; method 3 in R. G. Newcombe, Two-sided confidence intervals
        for the single proportion, Stat. Med. 17 (1998) 857-872.
        """
        if not self.total:
            return None
        n, p, z2 = self.total, self.hits / self.total, Z_95 * Z_95
        middle = p + z2 / (2 * n)
        half = Z_95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        low, high = (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)
        # Rounding leaves 1e-17 where the interval begins at 0 or ends at 1.
        return (0.0 if self.hits == 0 else low), (1.0 if self.hits == n else high)


@dataclass(frozen=True)
class Confusion:
    """How often each answer was given for each truth."""

    rows: tuple[str, ...]
    """The truths."""
    columns: tuple[str, ...]
    """The answers."""
    counts: tuple[tuple[int, ...], ...]
    """One row per truth."""

    @property
    def right(self) -> Share:
        """Accuracy: the share of correct answers."""
        hits = sum(
            count
            for truth, row in zip(self.rows, self.counts, strict=True)
            for said, count in zip(self.columns, row, strict=True)
            if said == truth
        )
        return Share(hits, sum(map(sum, self.counts)))

    def found(self, truth: str) -> Share:
        """The share of ``truth`` that was recognised.

        For 'synthetic' this is the sensitivity, for 'real' the specificity of detecting synthetic
        images: D. G. Altman, J. M. Bland, Diagnostic tests 1: sensitivity and specificity, BMJ 308
        (1994) 1552.
        """
        if truth not in self.rows:
            return Share(0, 0)
        row = self.counts[self.rows.index(truth)]
        hits = row[self.columns.index(truth)] if truth in self.columns else 0
        return Share(hits, sum(row))


def confusion(
    pairs: Iterable[tuple[str, str]], rows: Sequence[str], columns: Sequence[str]
) -> Confusion:
    """Count ``pairs`` of truth and answer, which must be in ``rows`` and ``columns``."""
    counted = Counter(pairs)
    counts = tuple(tuple(counted[truth, said] for said in columns) for truth in rows)
    return Confusion(tuple(rows), tuple(columns), counts)


@dataclass(frozen=True)
class Agreement:
    """Agreement of two reviewers on the items both answered."""

    agreed: Share
    kappa: float | None
    """None if they always agree by chance, or have no item in common."""


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Observed agreement, and Cohen's kappa: agreement beyond chance, unweighted.

    kappa = (p_o - p_e) / (1 - p_e), where p_o is the share of items with equal answers, and p_e the
    share expected by chance, given how often each reviewer gives each answer:
    J. Cohen, A coefficient of agreement for nominal scales, Educ. Psychol. Meas. 20 (1960) 37-46.
    """
    n = len(pairs)
    same = sum(first == second for first, second in pairs)
    first_said, second_said = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    by_chance = sum(count * second_said[answer] for answer, count in first_said.items())
    if by_chance == n * n:  # both always give the same answer, or n is 0
        return Agreement(Share(same, n), None)
    return Agreement(Share(same, n), (same * n - by_chance) / (n * n - by_chance))
