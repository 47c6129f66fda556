"""Statistics as pure functions on numbers, arrays and small frames; nothing here knows a book or an engine.

Modules
-------
intervals
    A figure from counts and sums, with its limits: share, share of a sum, mean, ratio of sums, quantile.
compare
    The difference of two figures, the growth of a total, the verdict.
decomposition
    Which factor changed a product by how much.
life_table, survival
    How long it takes and what becomes of it, those still open kept: hazard, survival, incidence.
trend
    Growing, shrinking, flat, or cannot tell.
multiple, shrinkage
    Many groups at once: who is distinguishable from the rest, and figures fit for ranking.
association, logistic
    What goes with winning: doses held against outcomes on counted cells.
matched
    Two kinds of cases compared like with like.
leads
    How many leads it takes to close a gap.
"""
