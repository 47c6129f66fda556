"""What goes with winning: doses held against outcomes, with effects in shares that people can read.

The engine groups what it has into cells (so many activities of each kind, this segment, this rep, ...: how many, and how many of
them won); everything here works on that frame.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from salestrack.errors import StatisticsError
from salestrack.stats.limits import MIN_N, Floats, Interval, normal_quantile
from salestrack.stats.logistic import Design, Fit, average, fitted
from salestrack.stats.parting import FEWEST, PARTED, is_sparse, parted_by
from salestrack.stats.penalised import penalised, step

__all__ = ["Adjustment", "Association", "associate"]

FEWEST_OF_LEVEL = 10
"""Fewest won, and fewest lost, for a level to be held fixed on its own."""
FEWEST_PER_COLUMN = 5
"""Fewest won, and fewest lost, for each column of the regression; with fewer it sees effects in chance."""
FEWEST_HOLDERS = 10
"""With fewer holders than this, how much holders differ cannot be told from the data."""
_NEARLY = 1e-12
_FIGURES = ("effect", "low", "high", "p", "log_odds", "log_odds_low", "log_odds_high")


@dataclass(frozen=True)
class Adjustment:
    """What is held fixed while doses are compared.

    Parameters
    ----------
    levels : tuple of str
        Columns with a level each, such as segment; null is a level of its own.
    numbers : tuple of str
        Columns with a number each, such as the log of the amount; null counts as a level of its own.
    holder : str, optional
        Column that says who holds the case, such as the rep; null is one holder.
    """

    levels: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    holder: str | None = None


@dataclass(frozen=True)
class Association:
    """How each dose goes with winning, the other doses and the adjustment held fixed.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row for each dose: dose, effect, low, high (average change of the win probability for one more), p, log_odds,
        log_odds_low, log_odds_high; cut, n_below, won_below, n_above, won_above (where the dose parts won from lost, see
        `salestrack.stats.parting`; null elsewhere); and reason: empty, or why nothing can be told (then all figures are null).
        ``none``: nobody had any; ``constant``: all had the same; ``too_few``: those with more than the least dose are fewer than
        10, or would have fewer than 5 won, or lost, if they were won as often as all; or fewer than 5 won, or lost, for each column
        of the regression and no dose that parts them; ``inseparable``: it goes along with other columns exactly.
    n, won : int, float
        Cases, and those won.
    holders : int
        How many holders they have; 0 without holder.
    """

    frame: pd.DataFrame
    n: int
    won: float
    holders: int
    _design: Design
    _fit: Fit | None
    _reach: float
    _places: Mapping[str, int]

    def at_dose(self, dose: str, values: Sequence[float]) -> Interval:
        """Return the mean win probability if all cases had had a dose, everything else as it was.

        Parameters
        ----------
        dose : str
            Which one.
        values : sequence of float
            The doses, one entry of the result each.

        Returns
        -------
        Interval
            Limits are worked out on the log odds, so they stay within 0 and 1; NaN where nothing can be told of the dose.
        """
        place = self._places.get(dose)
        if place is None or self._fit is None:
            return Interval(*np.full((3, len(values)), np.nan))
        x, n, slope = self._design.x, self._design.n, self._fit.slopes[place]
        without = x @ self._fit.slopes - slope * x[:, place]
        found = []
        for value in values:
            chance = expit(without + slope * value)
            weight = n * chance * (1 - chance) / n.sum()
            gradient = weight @ x
            gradient[place] = value * weight.sum()
            mean = float(np.clip(chance @ n / n.sum(), _NEARLY, 1 - _NEARLY))
            log_odds, reach = np.log(mean / (1 - mean)), self._reach * self._fit.error(gradient) / (mean * (1 - mean))
            found.append([mean, *(expit(log_odds + side * reach) for side in (-1, 1))])
        return Interval(*np.array(found, dtype=float).reshape(-1, 3).T)


def associate(
    cells: pd.DataFrame, doses: Sequence[str], adjustment: Adjustment | None = None, confidence: float = 0.95
) -> Association:
    """Tell how doses go with winning, from counts of cells.

    Parameters
    ----------
    cells : pandas.DataFrame
        One row for each cell: a column for each dose (numbers, not null), the columns of the adjustment, n (cases in the cell) and
        won (how many of them were won; a fraction where some are still open and each counts with its probability).
    doses : sequence of str
        Columns whose effect is asked for; they are held fixed for each other.
    adjustment : Adjustment, optional
        What else is held fixed.
    confidence : float, default 0.95
        Of the intervals.

    Returns
    -------
    Association
        Effects, and the win probability at any dose.

    Raises
    ------
    StatisticsError
        A cell has more won than cases, or the confidence is none.

    Notes
    -----
    Binomial regression with a logit link. A level with fewer than 5 won or lost is put together with the other rare levels. The
    holder is adjusted for by the mean of each dose over the holder's cases: what is left is the difference between cases of one
    holder, and 2,000 holders cost no more columns than two. The effect of a dose is the mean over all cases of p(x + 1) - p(x), its
    error by the delta method.

    The error is the larger of two: that of the model, and that which allows for any likeness of the cases of one holder, with t on
    G - 1 degrees of freedom; either alone calls too much noteworthy where the other is right. With fewer than 10 holders only the
    first can be had.

    A dose that parts won from lost, perfectly or nearly, is the strongest association there is, and the one for which maximum
    likelihood has no end, or no error worth the name. Its slope is Firth's (`salestrack.stats.penalised`), its limits and p are
    those of the profile of the penalised likelihood; so are those of all doses where several of them tell the outcome together.
    Where the cases cannot carry all columns, such a dose is told with the holder alone held fixed.

    References
    ----------
    Heinze, G., & Schemper, M. (2002). A solution to the problem of separation in logistic regression. Statistics in Medicine,
    21(16), 2409-2419.

    Vittinghoff, E., & McCulloch, C. E. (2007). Relaxing the rule of ten events per variable in logistic and Cox regression.
    American Journal of Epidemiology, 165(6), 710-718.

    Mundlak, Y. (1978). On the pooling of time series and cross section data. Econometrica, 46(1), 69-85.

    Angrist, J. D., & Pischke, J.-S. (2009). Mostly harmless econometrics, section 8.2.3 (the larger of two errors). Princeton
    University Press.

    See also `salestrack.stats.logistic.fitted`.

    Examples
    --------
    20 cases without a meeting, 5 of them won, and 20 with one, 10 of them won: odds of 5 / 15 and 10 / 10.

    >>> cells = pd.DataFrame({"meetings": [0, 1], "n": [20, 20], "won": [5, 10]})
    >>> found = associate(cells, ["meetings"])
    >>> round(float(np.exp(found.frame["log_odds"].iloc[0])), 6)
    3.0
    >>> found.at_dose("meetings", [0, 1]).value.round(6).tolist()
    [0.25, 0.5]
    """
    adjustment, z = adjustment or Adjustment(), normal_quantile(confidence)
    if ((cells["won"] < 0) | (cells["won"] > cells["n"])).any():
        raise StatisticsError("A cell needs 0 <= won <= n; at least one lies outside.")
    n, won = cells["n"].to_numpy(dtype=float), cells["won"].to_numpy(dtype=float)
    frame = pd.DataFrame({"dose": list(doses), "reason": [_why_not(cells[dose].to_numpy(dtype=float), n, won) for dose in doses]})
    told = frame.loc[frame["reason"] == "", "dose"].tolist()
    groups = None if adjustment.holder is None else pd.factorize(cells[adjustment.holder], use_na_sentinel=False)[0]
    holders = 0 if groups is None or not len(groups) else int(groups.max()) + 1
    x = np.column_stack([cells[told].to_numpy(dtype=float), *_held_fixed(cells, told, adjustment)])
    carried = min(won.sum(), (n - won).sum()) >= FEWEST_PER_COLUMN * x.shape[1]
    parted = {dose: parted_by(cells[dose].to_numpy(dtype=float), n, won) for dose in told}
    design, enough = Design(x, n, won), holders >= FEWEST_HOLDERS
    law: Any = stats.t(holders - 1) if enough else stats.norm()
    reach = float(law.ppf((1 + confidence) / 2)) if enough else z
    fit = fitted(design, groups if enough else None) if told and carried else None
    rows: dict[str, dict[str, object]]
    if fit is None:
        rows = {dose: _alone(cells, dose, adjustment, parted[dose], confidence) for dose in told}
    elif fit.converged:
        rows = {dose: _row(design, fit, place, (reach, law)) for place, dose in enumerate(told)}
        sparse = [dose for dose in told if not rows[dose]["reason"] and is_sparse(cells[dose].to_numpy(dtype=float), n, won)]
        rows |= _profiled(design, {dose: told.index(dose) for dose in sparse}, parted, confidence)
    else:
        known = {dose: place for place, dose in enumerate(told) if not fit.unknown[place]}
        parted |= {dose: parted[dose] or parted_by(cells[dose].to_numpy(dtype=float), n, won, everywhere=True) for dose in known}
        rows = {dose: {"reason": "inseparable"} for dose in told}
        rows |= _profiled(design, known, parted, confidence)
        finite = penalised(design)
        fit = fit._replace(slopes=finite.slopes, spreads=[finite.covariance()])
    silent = ({"reason": reason} for reason in frame["reason"])
    figures = pd.DataFrame(
        [rows.get(dose, other) for dose, other in zip(doses, silent, strict=True)], columns=[*_FIGURES, *PARTED, "reason"]
    )
    figures = figures.astype(dict.fromkeys((*_FIGURES, *PARTED), float))
    places = {dose: place for place, dose in enumerate(told) if fit is not None and not rows[dose]["reason"]}
    return Association(frame[["dose"]].join(figures), int(n.sum()), float(won.sum()), holders, design, fit, reach, places)


def _why_not(dose: Floats, n: Floats, won: Floats) -> str:
    """Return why nothing can be told of a dose before anything is computed; empty when something can."""
    if not len(dose) or not dose.any():
        return "none"
    more = dose > dose.min()
    if not more.any():
        return "constant"
    of_these, share = n[more].sum(), won.sum() / n.sum()
    return "too_few" if of_these < MIN_N or of_these * min(share, 1 - share) < FEWEST else ""


def _alone(
    cells: pd.DataFrame, dose: str, adjustment: Adjustment, parted: dict[str, float], confidence: float
) -> dict[str, object]:
    """Return the figures of a dose that parts won from lost among too few for all columns; the holder alone is held fixed."""
    if not parted:
        return {"reason": "too_few"}
    columns = [cells[dose].to_numpy(dtype=float), *_held_fixed(cells, [dose], Adjustment(holder=adjustment.holder))]
    design = Design(np.column_stack(columns), *(cells[name].to_numpy(dtype=float) for name in ("n", "won")))
    if fitted(design).unknown[0]:
        return {"reason": "inseparable"}
    return _profiled(design, {dose: 0}, {dose: parted}, confidence)[dose]


def _profiled(
    design: Design, places: Mapping[str, int], parted: Mapping[str, dict[str, float]], confidence: float
) -> dict[str, dict[str, object]]:
    """Return the figures of doses by the penalised likelihood."""
    if not places:
        return {}
    fit = penalised(design)
    found = {dose: step(design, fit, at, confidence) for dose, at in places.items()}
    return {dose: {**dict(zip(_FIGURES, each, strict=True)), "reason": "", **parted[dose]} for dose, each in found.items()}


def _held_fixed(cells: pd.DataFrame, doses: Sequence[str], adjustment: Adjustment) -> list[Floats]:
    """Return the columns that are held fixed: a constant, levels, numbers, and each holder's mean doses."""
    n = cells["n"].to_numpy(dtype=float)
    columns = [np.ones(len(cells))]
    for name in adjustment.levels:
        columns += _level_columns(cells, name)
    for name in adjustment.numbers:
        value = cells[name].to_numpy(dtype=float)
        known = ~np.isnan(value)
        centre = np.average(value[known], weights=n[known]) if known.any() else 0.0
        columns += [np.where(known, value - centre, 0.0)] + [(~known).astype(float)] * (not known.all())
    if adjustment.holder is not None:
        sums = cells[list(doses)].mul(n, axis=0).assign(_n=n).groupby(cells[adjustment.holder], dropna=False).transform("sum")
        columns += [(sums[dose] / sums["_n"]).to_numpy() for dose in doses]
    return columns


def _level_columns(cells: pd.DataFrame, name: str) -> list[Floats]:
    """Return a column of 0 and 1 for each level but the largest; rare levels are one level together."""
    level, _ = pd.factorize(cells[name], use_na_sentinel=False)
    won = np.bincount(level, cells["won"])
    lost = np.bincount(level, cells["n"]) - won
    common = np.minimum(won, lost) >= FEWEST_OF_LEVEL
    level = np.where(common[level], level, -1)
    others = sorted(set(level), key=lambda each: cells["n"].to_numpy()[level == each].sum())[:-1]
    return [(level == each).astype(float) for each in others]


def _row(design: Design, fit: Fit, place: int, scale: tuple[float, Any]) -> dict[str, object]:
    """Return the figures of one dose."""
    if fit.unknown[place]:
        return {"reason": "inseparable"}
    more, (reach, law) = design.x.copy(), scale
    more[:, place] += 1
    (with_more, up), (now, here) = (average(x, design.n, fit.slopes) for x in (more, design.x))
    effect, log_odds = with_more - now, fit.slopes[place]
    error, log_error = fit.error(up - here), fit.error(np.eye(len(fit.slopes))[place])
    limits = effect - reach * error, effect + reach * error
    log_limits = log_odds - reach * log_error, log_odds + reach * log_error
    p = 2 * law.sf(abs(effect) / error)
    return dict(zip((*_FIGURES, "reason"), (effect, *limits, p, log_odds, *log_limits, ""), strict=True))
