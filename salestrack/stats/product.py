"""The product of two estimates that are both uncertain: a change in wins times the size of a deal."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from salestrack.errors import StatisticsError
from salestrack.stats.limits import Floats, Interval, normal_quantile

__all__ = ["product_quantiles"]

# So many equally likely values of each factor; the quantiles from P5 to P95 are then right to a fraction of a percent.
_STEPS = 1000


def product_quantiles(effect: Interval, size: Interval, at: Sequence[float] = (0.1, 0.5, 0.9), confidence: float = 0.95) -> Floats:
    """Return quantiles of effect x size, each as uncertain as its interval says and independent of the other.

    Parameters
    ----------
    effect : Interval
        One estimate, of any sign, taken as normal around its value.
    size : Interval
        Another, positive, taken as lognormal around its value, as means of amounts are.
    at : sequence of float
        Which quantiles, strictly between 0 and 1.
    confidence : float
        Of both intervals.

    Returns
    -------
    ndarray of float, shape (len(at),)
        The quantiles, in the order of `at`; NaN where a limit is missing.

    Raises
    ------
    StatisticsError
        The size or one of its limits is not positive.

    Notes ----- Standard errors are recovered from the width of the intervals. Each factor is replaced by 1000 equally likely
    values (the quantiles at the middles of 1000 equal slices of probability), and the quantiles are those of all products; no
    random numbers, so the same estimates give the same answer.

    References
    ----------
    Morgan, M. G., & Henrion, M. (1990). Uncertainty: a guide to dealing with uncertainty in quantitative risk and policy analysis,
    chapter 8. Cambridge University Press.

    Examples
    --------
    A sure size leaves the uncertainty of the effect: 10 ± 1.96 is normal with a standard error of 1.

    >>> product_quantiles(Interval(10, 8.04, 11.96), Interval(2, 2, 2)).round(2).tolist()
    [17.44, 20.0, 22.56]
    """
    z = normal_quantile(confidence)
    if min(size) <= 0:
        raise StatisticsError(f"A size is positive, and so are its limits; got {tuple(map(float, size))}.")
    if not np.isfinite([*effect, *size]).all():
        return np.full(len(at), np.nan)
    normal = stats.norm.ppf((np.arange(_STEPS) + 0.5) / _STEPS)
    effects = effect.value + normal * (effect.high - effect.low) / (2 * z)
    sizes = size.value * np.exp(normal * np.log(size.high / size.low) / (2 * z))
    return np.quantile(np.outer(effects, sizes), at)
