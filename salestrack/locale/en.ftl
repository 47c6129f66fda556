### Labels and sentences of salestrack, in English. Keys are the same in every language.

## Metrics
label-win-rate = Win rate
label-win-rate-by-amount = Win rate by amount
label-close-rate = Close rate
label-won-share-of-all = Won share of all (misleading)
label-average-deal-size = Average deal size
label-median-deal-size = Median deal size
label-average-closed-amount = Average closed amount (misleading)
label-bookings = Bookings
label-won-opportunities = Won opportunities
label-closed-opportunities = Closed opportunities
label-created-opportunities = Created opportunities
label-sales-cycle = Sales cycle (median)
label-mean-sales-cycle = Sales cycle (mean)
label-share-of-reps-at-quota = Reps at quota
label-prorated-share-of-reps-at-quota = Reps at prorated quota
label-quota-attainment = Quota attainment
label-prorated-quota-attainment = Prorated quota attainment
label-mean-quota-attainment = Mean quota attainment of reps
label-quota = Quota
label-open-opportunities = Open opportunities
label-pipeline = Pipeline
label-leakage = Leakage
label-stage-conversion = Stage conversion
label-created-leads = Leads
label-marketing-qualification-rate = Lead to MQL
label-sales-qualification-rate = MQL to SQL
label-opportunity-rate = SQL to opportunity
label-activity-count = Activities
label-activity-hours = Activity hours
label-selling-time-share = Selling time

## Categories of activities
label-digital-client = Digital with client
label-in-person-client = In person with client
label-internal-meeting = Internal meeting
label-admin = Admin
label-travel = Travel
label-training = Training
label-preparation = Preparation
label-unclassified = Unclassified

## Units
unit-share = share, shown as percent
unit-ratio = ratio, shown as percent
unit-money = { $currency }
unit-count = number
unit-days = days
unit-hours = hours

## Tables
column-value = Value
column-interval = 95% interval
column-n = n
not-recorded = (not recorded)
whole-book = all periods
as-of = as of { $day }
too-few = { $value } (few)
partial = { $value } *
note-cut = First { $shown } of { $rows } rows.
note-too-few = "(few)": fewer than { $n } observations, too few to judge.
note-partial = "*": the period is not complete in this book.
note-undefined = "–": undefined, nothing to count.
clock-state = the day of the book
rows-read = { $table }: { $used } rows used, { $refused } refused
