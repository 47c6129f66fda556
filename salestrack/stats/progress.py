"""How far a cohort comes on a way of several steps, when part of it has not come to an end yet."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salestrack.stats.limits import Floats

__all__ = ["shares_reaching"]


def shares_reaching(
    entries: pd.DataFrame, exits: pd.DataFrame, steps: int, by: Sequence[str] = (), counted: str = "count"
) -> pd.DataFrame:
    """Share of a cohort that comes to each step by the longest time observed (Aalen-Johansen, one state for each step).

    Parameters
    ----------
    entries : DataFrame
        Columns `step_number` (1 is the first, to which all come on day 0), `days` (since then, on which they came to the step),
        `visited` (whether they were really in it), the weight, and those in `by`. The last step is no state: who comes there is at
        the end.
    exits : DataFrame
        Columns `step_number`, `days`, `outcome` (``went_on``: to the next step, ``left``; anything else is still there), the
        weight, and those in `by`.
    steps : int
        How many steps there are, the end included.
    by : sequence of str, default ()
        Columns that name the group; null is a group of its own.
    counted : str, default 'count'
        Column that holds the weight: how many, or their amounts.

    Returns
    -------
    DataFrame
        One row per group and step: the columns of `by`, `step_number`, `value` (comes to it), `visited` (comes to it and is really
        in it); 0 to 1, null for a group without any weight.

    Notes
    -----
    On each day, of those in a step, the share that moves is taken from all who are watched there then; whoever is censored is
    taken to go on as the others in the same step do. Shares of states found so are consistent whether or not the days in one step
    tell of those in the next (Datta & Satten), and unlike a separate estimate for each step they never rise along the way. Who
    passes several steps on one day passes them in order. Without censoring they are plain shares.

    References
    ----------
    Aalen, O. O., & Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics, 5(3), 141-150.

    Datta, S., & Satten, G. A. (2001). Validity of the Aalen-Johansen estimators of stage occupation probabilities and Nelson-Aalen
    estimators of integrated transition hazards for non-Markov models. Statistics & Probability Letters, 55(4), 403-411.

    Examples
    --------
    Of four two go on and one leaves; of the two one goes on, and one is still there:

    >>> entries = pd.DataFrame({"step_number": [1, 2], "days": [0, 5], "visited": True, "count": [4, 2]})
    >>> ends = ["went_on", "left", "open", "went_on", "open"]
    >>> exits = pd.DataFrame({"step_number": [1, 1, 1, 2, 2], "days": [5, 6, 6, 9, 8], "outcome": ends, "count": [2, 1, 1, 1, 1]})
    >>> shares_reaching(entries, exits, 3)["value"].tolist()
    [1.0, 0.5, 0.5]
    """
    keys = list(by)
    groups = pd.concat([entries[keys], exits[keys]]).drop_duplicates().reset_index(drop=True) if keys else pd.DataFrame(index=[0])
    groups = groups.assign(_group=range(len(groups)))
    days = np.unique(np.concatenate([entries["days"], exits["days"]]))
    shape = len(days), len(groups), steps

    def laid_out(rows: pd.DataFrame) -> Floats:
        """Lay weights out by day, group and step."""
        placed = rows.merge(groups, on=keys) if keys else rows.assign(_group=0)
        laid = np.zeros(shape)
        at = np.searchsorted(days, placed["days"]), placed["_group"].to_numpy(), placed["step_number"].to_numpy() - 1
        np.add.at(laid, at, placed[counted].to_numpy(dtype=float))
        return laid

    came, seen = laid_out(entries), laid_out(entries[entries["visited"].astype(bool)])
    on, left = (laid_out(exits[exits["outcome"] == outcome]) for outcome in ("went_on", "left"))
    gone = laid_out(exits)
    watched = np.cumsum(came, axis=0) - np.cumsum(gone, axis=0) + gone
    reached, visited = _walked(_part(on, watched), _part(left, watched), _part(seen, came, 1.0))
    start = came[:, :, 0].sum(axis=0) > 0
    value, really = (np.where(start[:, None], shares, np.nan).ravel() for shares in (reached, visited))
    named = groups.drop(columns="_group").merge(pd.DataFrame({"step_number": range(1, steps + 1)}), how="cross")
    return named.assign(value=value, visited=really)


def _part(some: Floats, of: Floats, otherwise: float = 0.0) -> Floats:
    # At-risk amounts are differences of sums: what rounding leaves of them is nobody.
    return np.clip(
        np.divide(some, of, out=np.full_like(some, otherwise), where=(of > 1e-9 * of.max(initial=0)) & (some + of > 0)), 0, 1
    )


def _walked(on: Floats, left: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Move the shares of all groups along the steps, day by day."""
    days, groups, steps = on.shape
    here, reached, visited = (np.zeros((groups, steps)) for _ in range(3))
    for day in range(days):
        coming = np.full(groups, 1.0 if day == 0 else 0.0)
        for step in range(steps):
            reached[:, step] += coming
            visited[:, step] += coming * seen[day, :, step]
            here[:, step] += coming
            coming = here[:, step] * on[day, :, step]
            here[:, step] -= coming + here[:, step] * left[day, :, step]
    return reached, visited
