"""Empirical-Bayes shrinkage: figures of many groups, each drawn towards the others as far as its own numbers are few."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

from salestrack.errors import StatisticsError
from salestrack.stats.limits import Floats, Interval, as_floats, normal_quantile

__all__ = ["beta_prior", "normal_prior", "shrink_shares", "shrink_means"]


def beta_prior(k: ArrayLike, n: ArrayLike) -> tuple[float, float]:
    """Estimate the beta distribution of the groups' true shares (a, b), by maximum likelihood of the beta-binomial.

    Parameters
    ----------
    k, n : array_like, shape (groups,)
        Successes and trials; groups without trials do not count.

    Returns
    -------
    a, b : float
        Mean a / (a + b); a + b is how many trials the prior is worth, at most a million (the groups do not differ by more than
        chance). NaN when no group has trials.

    References
    ----------
    Skellam, J. G. (1948). A probability distribution derived from the binomial distribution by regarding the probability of
    success as variable between the sets of trials. Journal of the Royal Statistical Society B, 10(2), 257-261.

    Examples
    --------
    >>> a, b = beta_prior([10, 20, 30], [100, 100, 100])
    >>> round(a / (a + b), 2)
    0.2
    """
    won, of = as_floats(k, n)
    won, of = won[of > 0], of[of > 0]
    if not len(of):
        return np.nan, np.nan

    def loss(place: Floats) -> float:
        middle, size = special.expit(place[0]), np.exp(place[1])
        a, b = middle * size, (1 - middle) * size
        return -float((special.betaln(won + a, of - won + b) - special.betaln(a, b)).sum())

    start = [special.logit((won.sum() + 0.5) / (of.sum() + 1)), np.log(50.0)]
    bounds = [(-15.0, 15.0), (np.log(0.1), np.log(1e6))]
    logit, log_size = optimize.minimize(loss, start, method="Nelder-Mead", bounds=bounds, options={"xatol": 1e-6, "fatol": 1e-8}).x
    middle, size = special.expit(logit), np.exp(log_size)
    return float(middle * size), float((1 - middle) * size)


@np.errstate(invalid="ignore")
def shrink_shares(k: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Interval:
    """Empirical-Bayes shares: each group drawn towards the others as far as its own numbers are few.

    Parameters
    ----------
    k, n : array_like, shape (groups,)
        Successes and trials.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Interval
        Posterior mean (a + k) / (a + b + n) and equal-tailed limits; a group without trials gets the prior.

    Raises
    ------
    StatisticsError
        When some k is negative or larger than its n.

    Notes
    -----
    The prior is estimated from the same groups (`beta_prior`) and then taken as known. With few groups, the limits are therefore
    too short: they cover on average over the groups about 90 % for 8 groups, 95 % is reached from some 30 groups on. For a
    statement on one group use its own interval; this one is for ranking.

    References
    ----------
    Casella, G. (1985). An introduction to empirical Bayes data analysis. The American Statistician, 39(2), 83-87.

    Examples
    --------
    A rep who lost nothing on 4 deals is not the best of all:

    >>> shrink_shares([4, 30, 55, 45, 10], [4, 100, 100, 100, 60]).value.round(2).tolist()
    [0.63, 0.31, 0.54, 0.45, 0.19]
    """
    tail = (1 - confidence) / 2
    normal_quantile(confidence)
    k, n = as_floats(k, n)
    if np.any((k < 0) | (k > n)):
        raise StatisticsError("A share needs 0 <= k <= n in every group; at least one count lies outside.")
    a, b = beta_prior(k, n)
    won, lost = a + k, b + n - k
    value, low, high = won / (won + lost), stats.beta.ppf(tail, won, lost), stats.beta.ppf(1 - tail, won, lost)
    # The mean of a very lopsided distribution may lie outside its middle 95 %.
    return Interval(value, np.minimum(low, value), np.maximum(high, value))


def normal_prior(value: ArrayLike, variance: ArrayLike) -> tuple[float, float]:
    """Estimate the normal distribution of the groups' true values (mean, variance), by Paule and Mandel.

    Parameters
    ----------
    value, variance : array_like, shape (groups,)
        Estimates and their sampling variances; groups with a null, or a variance that is not positive, do not count.

    Returns
    -------
    centre, between : float
        Mean and variance of the true values; the variance is 0 when the groups do not differ by more than chance. NaN when there
        is no group.

    Notes
    -----
    The variance is the one for which Σ (value - centre)² / (variance + between) equals the number of groups less one.

    References
    ----------
    Paule, R. C., & Mandel, J. (1982). Consensus values and weighting factors. Journal of Research of the National Bureau of
    Standards, 87(5), 377-385.

    Examples
    --------
    >>> centre, between = normal_prior([10, 20, 30], [1, 1, 1])
    >>> round(centre, 6), round(between, 6)
    (20.0, 99.0)
    """
    y, own = np.broadcast_arrays(*as_floats(value, variance))
    known = np.isfinite(y) & (own > 0)
    y, own = y[known], own[known]
    if not len(y):
        return np.nan, np.nan

    def centre(between: float) -> float:
        return float(np.average(y, weights=1 / (own + between)))

    def excess(between: float) -> float:
        return float(((y - centre(between)) ** 2 / (own + between)).sum() - (len(y) - 1))

    if len(y) < 2 or excess(0.0) <= 0:
        return centre(0.0), 0.0
    # All scatter put down to the groups is more than enough.
    between = float(optimize.brentq(excess, 0.0, float(((y - y.mean()) ** 2).sum())))
    return centre(between), between


@np.errstate(divide="ignore", invalid="ignore")
def shrink_means(value: ArrayLike, variance: ArrayLike, confidence: float = 0.95) -> Interval:
    """Empirical-Bayes means: each group drawn towards the others as far as its own mean is uncertain.

    Parameters
    ----------
    value, variance : array_like, shape (groups,)
        Means and their sampling variances. For skewed amounts pass variances from the spread of all groups together
        (`trend.pooled_variance`), as those of single small groups are unreliable.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Interval
        Posterior mean and limits; a group without a value gets the prior. NaN for a group whose variance is not positive.

    Notes
    -----
    The prior is estimated from the same groups (`normal_prior`) and its variance taken as known; the error of its mean is
    counted in. With few groups the limits are too short, as in `shrink_shares`.

    References
    ----------
    Morris, C. N. (1983). Parametric empirical Bayes inference: theory and applications. Journal of the American Statistical
    Association, 78(381), 47-55.

    Examples
    --------
    >>> shrink_means([10, 20, 30], [100, 1, 1]).value.round(1).tolist()
    [17.9, 20.0, 29.9]
    """
    z = normal_quantile(confidence)
    value, variance = np.broadcast_arrays(*as_floats(value, variance))
    centre, between = normal_prior(value, variance)
    # A group without a value is one of unlimited variance.
    own = np.where(np.isnan(value), np.inf, np.where(variance > 0, variance, np.nan))
    keep = between / (between + own)
    counted = np.isfinite(own)
    centre_variance = 1 / (1 / (own[counted] + between)).sum() if counted.any() else np.nan
    shrunk = centre + keep * np.where(np.isnan(value), 0, value - centre)
    error = np.sqrt(between * (1 - keep) + (1 - keep) ** 2 * centre_variance)
    return Interval(shrunk, shrunk - z * error, shrunk + z * error)
