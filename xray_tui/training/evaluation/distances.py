"""Distances between sets of feature vectors, and other small formulas. Plain numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xray_tui.training.evaluation.network import Features

NEIGHBOURS = 3
"""k: the distance to the k-th neighbour is each ball's radius; 3 as in the paper."""


def frechet(one: Features, other: Features) -> float:
    """Fréchet distance between Gaussians fitted to N×D and M×D features.

    |m₁ - m₂|² + tr(C₁ + C₂ - 2 (C₁^½ C₂ C₁^½)^½) (Heusel et al. 2017, arXiv:1706.08500). The
    covariances are shrunk because the sets here are small; compare only sets of the same size.
    """
    covariance, other_covariance = shrunk_covariance(one), shrunk_covariance(other)
    root = _root(covariance)
    middle = np.linalg.eigvalsh(root @ other_covariance @ root)
    shift = float(np.square(one.mean(0) - other.mean(0)).sum())
    traces = float(np.trace(covariance) + np.trace(other_covariance))
    return max(0.0, shift + traces - 2 * float(np.sqrt(middle.clip(min=0)).sum()))


def shrunk_covariance(features: Features) -> Features:
    """Covariance of N×D features, shrunk towards a multiple of the identity.

    By oracle approximating shrinkage (Chen et al. 2010, doi:10.1109/TSP.2010.2053029).
    """
    count, width = features.shape
    sample = np.cov(features, rowvar=False, bias=True).reshape(width, width)
    trace, squares = float(np.trace(sample)), float(np.square(sample).sum())
    above = (1 - 2 / width) * squares + trace**2
    below = (count + 1 - 2 / width) * (squares - trace**2 / width)
    share = 1.0 if below <= 0 else min(1.0, above / below)
    shrunk: Features = (1 - share) * sample + share * trace / width * np.eye(width)
    return shrunk


def precision_recall(real: Features, generated: Features) -> tuple[float, float]:
    """Improved precision and recall (Kynkäänniemi et al. 2019, arXiv:1904.06991), k = 3.

    Precision: share of N×D ``generated`` within the balls around M×D ``real``. Recall: the reverse.
    """
    across = pairwise(generated, real)
    precision = (across <= _radii(real)[None, :]).any(1).mean()
    recall = (across <= _radii(generated)[:, None]).any(0).mean()
    return float(precision), float(recall)


def pairwise(one: Features, other: Features) -> Features:
    """Euclidean distances between N×D and M×D vectors, N×M."""
    squares = np.square(one).sum(1)[:, None] + np.square(other).sum(1)[None, :] - 2 * one @ other.T
    distances: Features = np.sqrt(squares.clip(min=0))
    return distances


def auc(scores: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_]) -> float:
    """Area under the ROC curve: how often a positive scores above a negative; ties count half."""
    difference = scores[positive][:, None] - scores[~positive][None, :]
    return float((difference > 0).mean() + 0.5 * (difference == 0).mean())


def _radii(features: Features) -> Features:
    """Distance of each vector to its k-th nearest neighbour."""
    within = pairwise(features, features)
    np.fill_diagonal(within, np.inf)
    neighbour = min(NEIGHBOURS, len(features) - 1) - 1
    radii: Features = np.partition(within, neighbour, axis=1)[:, neighbour]
    return radii


def _root(matrix: Features) -> Features:
    values, vectors = np.linalg.eigh(matrix)
    root: Features = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    return root
