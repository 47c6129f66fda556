"""Logistic regression on counted cells: slopes, two covariances of them, and which of them the data can tell."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from salestrack.stats.limits import Floats

__all__ = ["Design", "Fit", "average", "fitted"]

_MOST_STEPS = 40
_LONGEST_STEP = 5.0
_SMALL = 1e-9
_IN_IT = 1e-4


class Design(NamedTuple):
    """The regression's columns (cells, columns), and n and won of each cell."""

    x: Floats
    n: Floats
    won: Floats


class Fit(NamedTuple):
    """What was found.

    Parameters
    ----------
    slopes : ndarray, shape (columns,)
        Log odds for one more of each column.
    spreads : list of ndarray, shape (columns, columns)
        Covariances of the slopes: that of the model and, where there are groups, that which allows for likeness within groups.
    unknown : ndarray of bool, shape (columns,)
        Columns whose slope the data cannot tell, for they go along with others exactly.
    converged : bool
        False where some combination of columns tells the outcome without error, so that its odds are without bounds.
    """

    slopes: Floats
    spreads: list[Floats]
    unknown: np.ndarray
    converged: bool

    def error(self, gradient: Floats) -> float:
        """Return the standard error of a figure with this gradient in the slopes, the larger one where there are two."""
        return max(float(gradient @ spread @ gradient) for spread in self.spreads) ** 0.5


def fitted(design: Design, groups: np.ndarray | None = None) -> Fit:
    """Return the maximum likelihood fit, by Newton's method.

    Parameters
    ----------
    design : Design
        A cell of n cases weighs as much as n rows.
    groups : ndarray of int, shape (cells,), optional
        Whose cases may be alike, numbered from 0.

    Returns
    -------
    Fit
        The second covariance is the sandwich summed by group, times G / (G - 1) · (N - 1) / (N - k) for G groups, N
        cases and k columns that are no combination of others.

    References
    ----------
    McCullagh, P., & Nelder, J. A. (1989). Generalized linear models (2nd ed.), sections 4.4 and 4.5. Chapman & Hall.

    Liang, K.-Y., & Zeger, S. L. (1986). Longitudinal data analysis using generalized linear models. Biometrika, 73(1), 13-22.
    """
    size = np.sqrt(np.asarray(design.n @ design.x**2 / design.n.sum()))
    scale = np.where(size > 0, size, 1.0)
    x, n, won = design.x / scale, design.n, design.won
    slopes, converged = np.zeros(x.shape[1]), False
    for _ in range(_MOST_STEPS):
        chance, bread = _bread(x, n, slopes)
        step = bread @ (x.T @ (won - n * chance))
        longest = float(np.abs(step).max())
        if converged := longest < 1e-10 * (1 + float(np.abs(slopes).max())):
            break
        slopes = slopes + step / max(1.0, longest / _LONGEST_STEP)
    chance, bread = _bread(x, n, slopes)
    null = _null((x * n[:, None]).T @ x)
    spreads = [bread]
    if groups is not None:
        spare = n.sum() - (x.shape[1] - null.shape[1])
        spreads.append(_sandwich(bread, x * (won - n * chance)[:, None], groups) * (n.sum() - 1) / spare)
    back = np.outer(1 / scale, 1 / scale)
    unknown = np.asarray((np.abs(null) > _IN_IT).any(axis=1))
    return Fit(slopes / scale, [spread * back for spread in spreads], unknown, converged)


def average(x: Floats, n: Floats, slopes: Floats) -> tuple[float, Floats]:
    """Return the mean probability over all cases at these columns, and its gradient in the slopes."""
    chance = _chance(x, slopes)
    return float(np.average(chance, weights=n)), (n * chance * (1 - chance)) @ x / n.sum()


def _chance(x: Floats, slopes: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(x @ slopes, -500, 500)))


def _bread(x: Floats, n: Floats, slopes: Floats) -> tuple[Floats, Floats]:
    """Return each cell's probability, and the inverse of the information; columns that go along with others share a slope."""
    chance = _chance(x, slopes)
    information = (x * (n * chance * (1 - chance))[:, None]).T @ x
    return chance, np.asarray(np.linalg.pinv(information, rcond=_SMALL, hermitian=True), dtype=float)


def _sandwich(bread: Floats, scores: Floats, groups: np.ndarray) -> Floats:
    summed = pd.DataFrame(scores).groupby(groups).sum().to_numpy()
    return bread @ (summed.T @ summed) @ bread * len(summed) / (len(summed) - 1)


def _null(gram: Floats) -> Floats:
    """Return the combinations of columns that are zero for all cases, one in each column."""
    size, direction = np.linalg.eigh(gram)
    return np.asarray(direction[:, size < _SMALL * size.max()])
