"""A few rows such as every export has: what cannot be used must be refused, and told and counted.

A row that lacks what it needs is refused as a whole, one that may lack what is wrong with it is kept without that.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

from salestrack.tables import CONTRACTS


@dataclass(frozen=True)
class Stain:
    """One dirty row: a copy of a clean row with something wrong.

    Parameters
    ----------
    table : str
    reason : str
        What is wrong with it, as a clause.
    changes : dict of str to str
        Columns that differ from the clean row; ``{next}`` stands for the next free key of the table.
    stage : str, optional
        The clean row is the first in this stage after the middle of the table; None: the row in the middle.
    refused : bool
        Whether something of it cannot be used, the row or a value of it; otherwise all of it stays in and is only reported.
    """

    table: str
    reason: str
    changes: dict[str, str]
    stage: str | None = None
    refused: bool = True


STAINS = (
    Stain("opportunities", "the key has been used by an earlier row", {}, "Lost"),
    Stain("opportunities", "amount is not a number", {"opportunity_id": "{next}", "amount": "about 12k"}, "Demo"),
    Stain("opportunities", "amount is negative", {"opportunity_id": "{next}", "amount": "-4500"}, "Won"),
    Stain("opportunities", "it closed before it was created", {"opportunity_id": "{next}", "close_date": "2023-01-09"}, "Lost"),
    Stain("opportunities", "no such stage", {"opportunity_id": "{next}", "stage": "Verbal yes"}, "Proposal"),
    Stain("opportunities", "the key is missing", {"opportunity_id": ""}, "Qualification"),
    Stain("opportunities", "another currency than the book's", {"opportunity_id": "{next}", "currency": "USD"}, "Won"),
    Stain("opportunities", "closed, but without a close date", {"opportunity_id": "{next}", "close_date": ""}, "Won"),
    Stain("stage_history", "the key has been used by an earlier row", {}),
    Stain("leads", "sales qualified before it came in", {"lead_id": "{next}", "sales_qualified_at": "2023-08-01 09:00"}),
    Stain("activities", "the rep is missing", {"activity_id": "{next}", "rep_id": ""}),
    Stain("activities", "minutes are negative", {"activity_id": "{next}", "minutes": "-45"}),
    Stain("activities", "started_at is not a time", {"activity_id": "{next}", "started_at": "yesterday afternoon"}),
    Stain("quotas", "no such rep", {"rep_id": "R9999"}, refused=False),
    Stain("quotas", "it ends before it starts", {"end_date": "2023-06-30"}),
)


def spoil(texts: dict[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], list[dict[str, object]]]:
    """Add the dirty rows to tables of texts.

    Parameters
    ----------
    texts : dict of str to DataFrame
        Clean tables as they will be written; not changed.

    Returns
    -------
    texts : dict of str to DataFrame
        The same with the dirty rows among them.
    listed : list of dict
        table, row (1-based line of data), key, reason, refused and the changed columns of each dirty row, in file order.
    """
    spoiled, listed = dict(texts), []
    for table in dict.fromkeys(stain.table for stain in STAINS):
        spoiled[table], here = _among(table, texts[table], [stain for stain in STAINS if stain.table == table])
        listed.extend(here)
    return spoiled, listed


def _among(table: str, clean: pd.DataFrame, stains: list[Stain]) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    key = CONTRACTS[table].key
    letter, width = clean[key[0]].iloc[0][0], len(clean[key[0]].iloc[0]) - 1
    rows = []
    for place, stain in enumerate(stains):
        start = len(clean) * (place + len(stains)) // (2 * len(stains))
        at = start if stain.stage is None else int((clean["stage"].iloc[start:] == stain.stage).to_numpy().argmax()) + start
        changes = {name: value.format(next=f"{letter}{len(clean) + place + 1:0{width}d}") for name, value in stain.changes.items()}
        rows.append(clean.iloc[[at]].assign(**changes, _at=at + 0.5, _stain=place))
    together = pd.concat([clean.assign(_at=range(len(clean)), _stain=-1), *rows])
    together = together.sort_values(["_at", "_stain"], kind="stable", ignore_index=True)
    listed = [_listed(stains[int(row["_stain"])], place, row) for place, row in together[together["_stain"] >= 0].iterrows()]
    return together.drop(columns=["_at", "_stain"]), listed


def _listed(stain: Stain, place: Hashable, row: pd.Series) -> dict[str, object]:
    key = CONTRACTS[stain.table].key
    return {
        "table": stain.table,
        "row": int(str(place)) + 1,
        "key": {name: row[name] for name in key if row[name]},
        "reason": stain.reason,
        "refused": stain.refused,
        "changed": {name: row[name] for name in stain.changes if name not in key},
    }
