"""Logistic regression that stays finite: where doses tell the outcome (nearly) without error, the likelihood has no maximum."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

from salestrack.stats.limits import Floats, normal_quantile
from salestrack.stats.logistic import Design, average

__all__ = ["Penalised", "Profile", "Step", "penalised", "step"]

_MOST_STEPS = 100
_LONGEST_STEP = 5.0
_SMALL = 1e-9
_MOST_DOUBLINGS = 12


class Profile(NamedTuple):
    """One slope by the profile of the penalised likelihood: p, and all slopes at either limit of the one."""

    p: float
    at_low: Floats
    at_high: Floats


class Step(NamedTuple):
    """What one more of a column goes with: mean change of the probability, p, and log odds, with limits."""

    effect: float
    low: float
    high: float
    p: float
    log_odds: float
    log_odds_low: float
    log_odds_high: float


class Penalised:
    """The penalised fit.

    Parameters
    ----------
    design : Design
        A cell of n cases weighs as much as n rows.

    Attributes
    ----------
    slopes : ndarray, shape (columns,)
        Log odds for one more of each column; 0 for a column that the earlier ones make up.
    kept : ndarray of int
        The columns that no earlier ones make up.
    """

    def __init__(self, design: Design) -> None:
        size = np.sqrt(np.asarray(design.n @ design.x**2 / design.n.sum()))
        self._scale = np.where(size > 0, size, 1.0)
        x = design.x / self._scale
        self.kept = _independent(x * np.sqrt(design.n)[:, None])
        self._design = Design(x[:, self.kept], design.n, design.won)
        everything = np.arange(len(self.kept))
        self._best, self._height = _climb(self._design, np.zeros(len(self.kept)), everything)
        self.slopes = self._whole(self._best)

    def covariance(self) -> Floats:
        """Return the covariance of all slopes, from the information; 0 for columns that others make up."""
        found = np.zeros((len(self._scale), len(self._scale)))
        found[np.ix_(self.kept, self.kept)] = np.linalg.inv(_information(self._design, self._best)[1])
        return found / np.outer(self._scale, self._scale)

    def profile(self, column: int, confidence: float = 0.95) -> Profile:
        """Return p of no slope at a kept column, and its limits, by the penalised likelihood ratio.

        Parameters
        ----------
        column : int
            Which one.
        confidence : float, default 0.95
            Of the limits.
        """
        place = int(np.flatnonzero(self.kept == column)[0])
        free = np.delete(np.arange(len(self.kept)), place)
        most = stats.chi2(1).ppf(confidence)

        def held(value: float) -> tuple[Floats, float]:
            start = self._best.copy()
            start[place] = value
            slopes, height = _climb(self._design, start, free)
            return slopes, 2 * (self._height - height)

        step = float(np.sqrt(np.linalg.inv(_information(self._design, self._best)[1])[place, place]))
        ends = [self._end(held, place, side * step, most) for side in (-1, 1)]
        p = float(stats.chi2(1).sf(max(held(0.0)[1], 0.0)))
        return Profile(p, *(self._whole(end) for end in ends))

    def _end(self, held: Callable[[float], tuple[Floats, float]], place: int, step: float, most: float) -> Floats:
        """Return the slopes where the profile has fallen by so much on one side."""
        start, far = float(self._best[place]), float(self._best[place]) + step
        for _ in range(_MOST_DOUBLINGS):
            if held(far)[1] >= most:
                break
            step *= 2
            far += step
        value = optimize.brentq(lambda each: held(each)[1] - most, start, far, xtol=1e-8, rtol=1e-10)
        return held(value)[0]

    def _whole(self, slopes: Floats) -> Floats:
        found = np.zeros(len(self._scale))
        found[self.kept] = slopes
        return found / self._scale


def penalised(design: Design) -> Penalised:
    """Return the fit that maximises the likelihood times the root of the determinant of the information.

    Parameters
    ----------
    design : Design
        A cell of n cases weighs as much as n rows; won may be a fraction.

    Returns
    -------
    Penalised
        Finite slopes whatever the outcomes are. In a table of two by two they are those of the counts with a half added to each.

    References
    ----------
    Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika, 80(1), 27-38.

    Heinze, G., & Schemper, M. (2002). A solution to the problem of separation in logistic regression. Statistics in Medicine,
    21(16), 2409-2419.

    Examples
    --------
    None of 10 without was won, all of 10 with were: odds of 10.5 / 0.5 and 0.5 / 10.5.

    >>> fit = penalised(Design(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([10.0, 10.0]), np.array([0.0, 10.0])))
    >>> round(float(np.exp(fit.slopes[1])), 3)
    441.0
    """
    return Penalised(design)


def step(design: Design, fit: Penalised, place: int, confidence: float = 0.95) -> Step:
    """Return what one more of a column goes with.

    Parameters
    ----------
    design : Design
        What was fitted.
    fit : Penalised
        Its fit.
    place : int
        A kept column.
    confidence : float, default 0.95
        Of the limits.

    Notes
    -----
    The limits of the mean change are the wider of those at the limits of the slope and of those by the delta method: the first do
    not see how uncertain the level is, the second not how far the slope may reach.
    """
    profile, spread, z = fit.profile(place, confidence), fit.covariance(), normal_quantile(confidence)
    more = design.x.copy()
    more[:, place] += 1
    effects, gradients = [], []
    for slopes in (fit.slopes, profile.at_low, profile.at_high):
        (up, rising), (now, here) = (average(x, design.n, slopes) for x in (more, design.x))
        effects.append(up - now)
        gradients.append(rising - here)
    low, slope, high = (float(slopes[place]) for slopes in (profile.at_low, fit.slopes, profile.at_high))
    reach = z * float(gradients[0] @ spread @ gradients[0]) ** 0.5
    # An effect has the sign of its slope, and none is larger than 1.
    ends = (min(*effects, effects[0] - reach), max(*effects, effects[0] + reach))
    lowest, highest = np.clip(ends, 0.0 if low >= 0 else -1.0, 0.0 if high <= 0 else 1.0)
    return Step(effects[0], float(lowest), float(highest), profile.p, slope, low, high)


def _independent(x: Floats) -> np.ndarray:
    """Return the columns that are no combination of earlier ones."""
    kept: list[int] = []
    basis = np.zeros((len(x), 0))
    for place in range(x.shape[1]):
        column = x[:, place]
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        length = float(np.linalg.norm(rest))
        if length > 1e-7 * max(float(np.linalg.norm(column)), _SMALL):
            kept.append(place)
            basis = np.column_stack([basis, rest / length])
    return np.array(kept, dtype=int)


def _information(design: Design, slopes: Floats) -> tuple[Floats, Floats]:
    """Return each cell's probability, and the information."""
    chance = 1 / (1 + np.exp(-np.clip(design.x @ slopes, -500, 500)))
    return chance, (design.x * (design.n * chance * (1 - chance))[:, None]).T @ design.x


def _height_at(design: Design, slopes: Floats) -> float:
    """Return the penalised log likelihood."""
    line = np.clip(design.x @ slopes, -500, 500)
    plain = design.won @ line - design.n @ np.logaddexp(0, line)
    sign, size = np.linalg.slogdet(_information(design, slopes)[1])
    return float(plain + size / 2) if sign > 0 else -np.inf


def _climb(design: Design, slopes: Floats, free: np.ndarray) -> tuple[Floats, float]:
    """Return the slopes of the highest penalised likelihood, those that are not free held, and how high it is."""
    height = _height_at(design, slopes)
    for _ in range(_MOST_STEPS if len(free) else 0):
        chance, information = _information(design, slopes)
        spread = np.linalg.pinv(information, hermitian=True)
        hat = chance * (1 - chance) * np.einsum("ij,jk,ik->i", design.x, spread, design.x)
        score = design.x[:, free].T @ (design.won - design.n * chance + design.n * hat * (0.5 - chance))
        step = np.zeros(len(slopes))
        step[free] = np.linalg.pinv(information[np.ix_(free, free)], hermitian=True) @ score
        step /= max(1.0, float(np.abs(step).max()) / _LONGEST_STEP)
        if float(np.abs(step).max()) < 1e-9 * (1 + float(np.abs(slopes).max())):
            break
        slopes, height, moved = _upwards(design, slopes, step, height)
        if not moved:
            break
    return slopes, height


def _upwards(design: Design, slopes: Floats, step: Floats, height: float) -> tuple[Floats, float, bool]:
    """Return slopes that are no lower, the step halved as often as it takes."""
    for _ in range(30):
        tried = slopes + step
        found = _height_at(design, tried)
        if found >= height:
            return tried, found, True
        step = step / 2
    return slopes, height, False
