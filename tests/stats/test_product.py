"""The product of two uncertain estimates: against an integral."""

import numpy as np
import pytest
from scipy import optimize, stats

from salestrack.errors import StatisticsError
from salestrack.stats.limits import Interval
from salestrack.stats.product import product_quantiles


@pytest.mark.parametrize(("effect", "size"), [((3, 1, 5), (4, 2, 8)), ((-1, -4, 2), (100, 80, 130)), ((2, 1.5, 2.5), (10, 4, 20))])
@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_quantiles_are_those_of_the_distribution(effect, size, confidence):
    """P(effect x size < q) = ∫ Φ((q / s - m) / σ) over the lognormal s."""
    z = stats.norm.ppf((1 + confidence) / 2)
    sigma, log_sigma = (effect[2] - effect[1]) / (2 * z), np.log(size[2] / size[1]) / (2 * z)

    def below(q):
        u = np.linspace(-8, 8, 4001)
        inner = stats.norm.cdf((q / (size[0] * np.exp(u * log_sigma)) - effect[0]) / sigma) * stats.norm.pdf(u)
        return np.trapezoid(inner, u)

    at = (0.1, 0.5, 0.9)
    wide = 100 * (abs(effect[0]) + abs(effect[2])) * size[2]
    wanted = [optimize.brentq(lambda q, p=p: below(q) - p, -wide, wide, xtol=1e-6) for p in at]
    found = product_quantiles(Interval(*effect), Interval(*size), confidence=confidence)
    assert found == pytest.approx(wanted, rel=0.003, abs=0.003 * (wanted[2] - wanted[0]))


def test_the_quantiles_come_in_the_order_asked():
    one, other = product_quantiles(Interval(3, 1, 5), Interval(4, 2, 8), (0.9, 0.2))
    assert one > other


@pytest.mark.parametrize("size", [(0, 1, 2), (1, 0, 2), (1, -1, 2)])
def test_a_size_is_positive(size):
    with pytest.raises(StatisticsError, match="positive"):
        product_quantiles(Interval(3, 1, 5), Interval(*size))


@pytest.mark.parametrize(
    ("effect", "size"), [((np.nan, 1, 5), (4, 2, 8)), ((3, np.nan, 5), (4, 2, 8)), ((3, 1, 5), (4, np.nan, 8))]
)
def test_a_limit_that_is_missing_leaves_nothing_to_tell(effect, size):
    found = product_quantiles(Interval(*effect), Interval(*size))
    assert found.shape == (3,)
    assert np.isnan(found).all()
