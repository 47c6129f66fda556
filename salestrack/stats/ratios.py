"""Intervals for the ratio of two sums over the same rows."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from salestrack.errors import StatisticsError
from salestrack.stats.limits import MIN_N, Floats, Interval, as_floats, normal_quantile, wilson

__all__ = ["ratio_of_sums", "share_of_sum"]


@np.errstate(divide="ignore", invalid="ignore")
def ratio_of_sums(  # noqa: PLR0913, PLR0917 - the six sums of two columns are one thing
    n: ArrayLike,
    sx: ArrayLike,
    sy: ArrayLike,
    sxx: ArrayLike,
    syy: ArrayLike,
    sxy: ArrayLike,
    confidence: float = 0.95,
    times: ArrayLike = 1.0,
) -> Interval:
    """Ratio Σx / Σy of two sums over the same rows, with a delta-method interval.

    Parameters
    ----------
    n : array_like
        Number of rows.
    sx, sy : array_like
        Σx and Σy.
    sxx, syy, sxy : array_like
        Σx², Σy² and Σxy.
    confidence : float, default 0.95
        Nominal coverage.
    times : array_like, default 1
        How many times the ratio varies more than one of independent rows, where they are alike.

    Returns
    -------
    Interval
        Ratio (NaN where Σy = 0) and limits (NaN for n < 10 and where all x are 0: then nothing is known about the spread).

    See Also
    --------
    share_of_sum : for x that is part of y, as in won amount over closed amount.

    Notes
    -----
    With R = Σx / Σy, Var(R) = n / (n - 1) · Σ(x - R y)² / (Σy)². Where both sums are positive the interval is taken on the log
    of R, which keeps it positive and treats the skewness of amounts better; otherwise on R itself. The t quantile has as many
    degrees of freedom as the smaller of the effective numbers of rows, (Σx)² / Σx² and (Σy)² / Σy²: one windfall among many
    small deals counts as few rows, not as many.

    Simulated coverage of the nominal 95 %: 93 to 97 % from n = 50 on for lognormal amounts up to σ = 0.5, and up to σ = 1 when
    both sums vary alike. When x varies far more than y it is 91 to 95 % at n = 50 and 94 to 95 % at n = 300 with σ = 1; with
    σ = 1.2 it is 90 to 93 % and 92 to 93.5 %.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), chapter 6. Wiley.

    Kish, L. (1965). Survey sampling, section 11.7. Wiley.

    Examples
    --------
    >>> hours = np.arange(1, 21.0)
    >>> money = 50 * hours + np.tile([-20, 20], 10)
    >>> sums = money.sum(), hours.sum(), (money**2).sum(), (hours**2).sum(), (money * hours).sum()
    >>> print("{:.1f} [{:.1f}, {:.1f}]".format(*ratio_of_sums(20, *sums)))
    50.0 [49.1, 50.9]
    """
    normal_quantile(confidence)
    n, sx, sy, sxx, syy, sxy, times = as_floats(n, sx, sy, sxx, syy, sxy, times)
    value = np.where(sy == 0, np.nan, sx / sy)
    error = np.sqrt(_ratio_variance(n, value, sy, sxx, syy, sxy) * times)
    freedom = np.maximum(np.minimum(sx**2 / sxx, sy**2 / syy) / times, 1)
    reach = stats.t.ppf((1 + confidence) / 2, freedom)
    positive = (sx > 0) & (sy > 0)
    factor = np.exp(np.where(positive, reach * error / value, 0))
    known = (n >= MIN_N) & (sxx > 0)
    low = np.where(known, np.where(positive, value / factor, value - reach * error), np.nan)
    high = np.where(known, np.where(positive, value * factor, value + reach * error), np.nan)
    return Interval(value[()], low[()], high[()])


def _ratio_variance(n: Floats, ratio: Floats, sy: Floats, sxx: Floats, syy: Floats, sxy: Floats) -> Floats:
    """Delta-method variance of Σx / Σy; rounding must not make it negative."""
    residual = np.maximum(sxx - 2 * ratio * sxy + ratio**2 * syy, 0)
    return n / (n - 1) * residual / sy**2


@np.errstate(divide="ignore", invalid="ignore")
def share_of_sum(  # noqa: PLR0913, PLR0917 - the six sums of two columns are one thing
    n: ArrayLike, sx: ArrayLike, sy: ArrayLike, sxx: ArrayLike, syy: ArrayLike, sxy: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Share Σx / Σy where each x is a part of its y (0 <= x <= y), with Wilson's interval on the effective number of rows.

    Parameters
    ----------
    n, sx, sy, sxx, syy, sxy : array_like
        Number of rows, Σx, Σy, Σx², Σy², Σxy. For a win rate by amount y is the amount of a closed opportunity and x the
        same amount if it was won, else 0.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Interval
        Share and limits, 0 to 1; NaN where Σy = 0.

    Raises
    ------
    StatisticsError
        When some Σx is negative or larger than its Σy.

    See Also
    --------
    ratio_of_sums : for any two sums.

    Notes
    -----
    The effective number of rows is R (1 - R) / V, with V the larger of the delta-method variance and R (1 - R) Σy² / (Σy)². The
    second is what the amounts alone say (Kish); it protects against a variance that is estimated far too small because the
    few big amounts happened to go the same way, and gives limits to 0 and 1.

    Simulated coverage of the nominal 95 % for lognormal amounts, σ up to 1.2, n from 20 to 300, and odds of winning that rise
    or fall with the amount: 93.5 to 98.7 %; on the long side when big amounts are won less often. The plain delta method covers
    76 to 94 % there.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the American
    Statistical Association, 22(158), 209-212.

    Kish, L. (1965). Survey sampling, section 11.7. Wiley.

    Franco, C., Little, R. J. A., Louis, T. A., & Slud, E. V. (2019). Comparative study of confidence intervals for proportions
    in complex sample surveys. Journal of Survey Statistics and Methodology, 7(3), 334-364.

    Examples
    --------
    Four deals of 10, 20, 30 and 40; those of 10 and 20 were won.

    >>> print("{:.1f} [{:.2f}, {:.2f}]".format(*share_of_sum(4, 30, 100, 500, 3000, 500)))
    0.3 [0.06, 0.76]
    """
    z = normal_quantile(confidence)
    n, sx, sy, sxx, syy, sxy = as_floats(n, sx, sy, sxx, syy, sxy)
    if np.any((sx < 0) | (sx > sy * (1 + 1e-9))):
        raise StatisticsError("A share of a sum needs 0 <= Σx <= Σy in every group; at least one pair of sums lies outside.")
    value = np.where(sy == 0, np.nan, np.minimum(sx / sy, 1))
    by_amounts = value * (1 - value) * syy / sy**2
    # A single row has no spread of its own; what rounding leaves of it must not count as one.
    observed = np.where(n > 1, _ratio_variance(n, value, sy, sxx, syy, sxy), 0)
    size = sy**2 / syy * np.where(observed > by_amounts, by_amounts / observed, 1)
    return wilson(value, size, z)
