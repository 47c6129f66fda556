"""Which factor of a product changed it by how much."""

import numpy as np
from numpy.typing import ArrayLike

from salestrack.errors import StatisticsError
from salestrack.stats.limits import Floats, as_floats

__all__ = ["contributions"]


@np.errstate(invalid="ignore")
def contributions(before: ArrayLike, after: ArrayLike) -> Floats:
    """Shapley decomposition of the change of a product of factors: each factor's part, adding up to the whole change.

    Parameters
    ----------
    before, after : array_like of shape (factors,) or (factors, ...)
        The factors in the first and the second period, along the first axis; further axes are groups. Null is an undefined
        factor (a win rate when nothing closed).

    Returns
    -------
    ndarray of float, same shape
        Contribution of each factor, in the unit of the product. The sum over the factors is prod(after) - prod(before), up
        to floating-point rounding. NaN for all factors of a group whose product is unknown on one side.

    Raises
    ------
    StatisticsError
        When the two shapes differ.

    Notes
    -----
    The Shapley value of a factor is its effect averaged over all orders in which the factors can be switched from before to
    after; it is the only split that is symmetric, adds up, and gives nothing to a factor that did not change. For a
    product it equals the integral along the diagonal (Owen), (a_i - b_i) ∫₀¹ Π_{j≠i} (b_j + t (a_j - b_j)) dt. The integrand is a
    polynomial of degree k - 1, so Gauss-Legendre quadrature with k / 2 nodes is exact; nothing is divided and no log is taken,
    so zeros and negative factors need no special case.

    Where a product is 0 because one factor is (no opportunity closed) another factor is often undefined (its win rate). Such a
    factor takes its value from the other side: a factor that was not observed to change gets no part of the change.

    References
    ----------
    Shapley, L. S. (1953). A value for n-person games. In Contributions to the theory of games II, 307-317. Princeton University
    Press.

    Owen, G. (1972). Multilinear extensions of games. Management Science, 18(5), 64-79.

    Examples
    --------
    100 opportunities, won at 20 %, of size 1,000; then 120 at 25 % of size 900: bookings rise from 20,000 to 27,000.

    >>> parts = contributions([100, 0.20, 1000], [120, 0.25, 900])
    >>> parts.round(2).tolist(), parts.sum().round(6).item()
    ([4266.67, 5216.67, -2483.33], 7000.0)
    """
    before, after = as_floats(before, after)
    if before.shape != after.shape or before.ndim == 0:
        raise StatisticsError(f"Both sides need the same factors; their shapes are {before.shape} and {after.shape}.")
    known = _product_is_known(before) & _product_is_known(after)
    # Undefined on both sides of a product that stays 0: any finite number gives the same 0.
    start = np.nan_to_num(np.where(np.isnan(before), after, before))
    change = np.nan_to_num(np.where(np.isnan(after), before, after)) - start
    nodes, weights = np.polynomial.legendre.leggauss(max((len(before) + 1) // 2, 1))
    result = np.zeros_like(start)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        at_node = start + node * change
        for i in range(len(at_node)):
            result[i] += weight * change[i] * np.delete(at_node, i, axis=0).prod(axis=0)
    return np.where(known, result, np.nan)


def _product_is_known(factors: Floats) -> np.ndarray:
    """Whether each product is: no factor is null, or one is 0."""
    return ~np.isnan(factors).any(axis=0) | (factors == 0).any(axis=0)
