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

## Report pages
report-title = Sales report { $period }
report-skip = Skip to the content
report-pages = Pages of this report
report-overview = Overview
report-on-this-page = On this page
report-page-list = { $pages ->
    [one] The page
   *[other] The pages
}
report-so-far = { $period } so far
report-whole-company = whole company
report-verdict-none = No goals were set, so nothing here is judged against one.
report-verdict-all = { $judged ->
    [one] The one figure with a goal is on track.
   *[other] All { $judged } figures with a goal are on track.
}
report-verdict-some = { $good } of { $judged } figures with a goal { $good ->
    [one] is
   *[other] are
} on track.
report-verdict-named = { $status }: { $labels }.
report-refused-rows = Rows that could not be used are in no figure: { $told }.
report-refused-of = { $refused } of { $rows } in { $table }
report-definitions = What each figure means
report-counted-on = Counted on
report-source = Source
report-see-also = Not to be confused with
report-references = References
report-identifier = Identifier
report-provenance = How this was made: book, parameters, rows, versions
report-summary = Made from the book of { $name }, read as of { $day }: { $rows } rows read, { $refused } refused.
report-rows = Rows of the book, by table
report-table = Table
report-rows-read = Read
report-rows-used = Used
report-rows-refused = Refused
report-rows-later = Later than that day
report-absent = Not in this book: { $tables }
report-versions = Versions: { $versions }
report-fingerprint = source fingerprint
report-live = none: the source is a live database
report-run = run
report-started = started
report-finished = notebooks finished
report-warnings = warnings
report-warnings-listed = { $count }, listed in manifest.json

## Comparisons
column-metric = Metric
column-change = Change
column-verdict = Verdict
column-factor = Factor
column-contribution = Contribution
interval = { $low } to { $high }
verdict-up = up
verdict-down = down
verdict-flat = flat
verdict-cannot-tell = cannot tell
compare-title = { $book } · { $later } against { $earlier }
compare-up = { $metric } rose from { $before } in { $earlier } to { $after } in { $later }: { $change } (95% interval { $interval }).
compare-down = { $metric } fell from { $before } in { $earlier } to { $after } in { $later }: { $change } (95% interval { $interval }).
compare-flat = { $metric } stayed flat: { $before } in { $earlier }, { $after } in { $later } ({ $change }, 95% interval { $interval }).
compare-cannot-tell-noise = { $metric } went from { $before } in { $earlier } to { $after } in { $later } ({ $change }), within what chance alone can do (95% interval { $interval }).
compare-cannot-tell-partial = { $metric }: { $before } in { $earlier }, { $after } in { $later }. One of the two periods is not complete in this book, so they are not compared.
compare-cannot-tell-too-few = { $metric }: { $before } in { $earlier } (n = { $n_before }), { $after } in { $later } (n = { $n_after }). Too few to judge.
compare-cannot-tell-absent = { $metric } cannot be measured: this book lacks a table that it needs.
compare-cannot-tell-undefined = { $metric } is undefined in one of the periods: { $before } in { $earlier }, { $after } in { $later }.

## Change of bookings
label-amount-recorded = Wins with an amount
bookings-change-title = { $book } · why bookings changed from { $earlier } to { $later }
bookings-change = Bookings went from { $before } in { $earlier } to { $after } in { $later } ({ $change }). The largest part of the change is { $factor } ({ $contribution }); { $others }.
bookings-change-undefined = Bookings went from { $before } in { $earlier } to { $after } in { $later }. The change cannot be split up: one of the two periods has no won opportunities with an amount.

## Trends
grain-day = day
grain-week = week
grain-month = month
grain-quarter = quarter
grain-year = year
grain-fiscal-quarter = fiscal quarter
grain-fiscal-year = fiscal year
trend-growing = { $metric } is growing: { $slope } per { $grain } over { $periods } complete periods (95% interval { $low } to { $high }).
trend-shrinking = { $metric } is shrinking: { $slope } per { $grain } over { $periods } complete periods (95% interval { $low } to { $high }).
trend-flat = { $metric } is flat: { $slope } per { $grain } over { $periods } complete periods (95% interval { $low } to { $high }).
trend-cannot-tell = Whether { $metric } is growing or shrinking cannot be told: { $slope } per { $grain } over { $periods } complete periods, 95% interval { $low } to { $high }.
trend-too-short = Where { $metric } is heading cannot be told: only { $periods } complete periods.

## Leads needed
label-step-leads = Leads
label-step-marketing-qualified = MQL
label-step-sales-qualified = SQL
label-step-opportunities = Opportunities
label-step-deals = Deals
column-step = Step
column-rate = Goes on
column-p10 = P10
column-p50 = P50
column-p90 = P90
leads-title = { $book } · what the bookings goal of { $period } needs
leads-needed = To book { $goal } in { $period } ({ $booked } so far, { $gap } to go) takes about { $p50 } more { $step } and { $deals } deals; in 8 of 10 simulated futures between { $p10 } and { $p90 } { $step }.
leads-by-when = Leads must come early to count: of those that ended in a win, half would close inside the period if they came in by { $p50 }, nine in ten if they came in by { $p90 }.
leads-assumption = This takes rates and deal sizes as they were in { $base }, and counts nothing for opportunities already open.
leads-reached = { $booked } are booked in { $period }: the goal of { $goal } is reached, no further { $step } are needed for it.
leads-step-without-history = What the goal of { $goal } needs cannot be told: in { $base } nothing came to the step { $step }.
leads-no-deal-sizes = What the goal of { $goal } needs cannot be told: no won opportunity with an amount in { $base }.

## Headlines and findings
status-on-track = on track
status-at-risk = at risk
status-off = off
status-cannot-tell = cannot tell
delta-up = { $change } against { $earlier }: up
delta-down = { $change } against { $earlier }: down
delta-flat = { $change } against { $earlier }: flat
delta-noise = no clear change against { $earlier }
delta-partial = not compared with { $earlier }: a period is not complete
delta-too-few = too few to compare with { $earlier }
delta-undefined = not comparable with { $earlier }
delta-absent = not in this book
findings-none = Nothing here needs a decision: no goal is off or at risk, and no key figure got clearly worse.
findings-leak = Most prospects leave at { $stage }: { $value } of those that come to it leave there (95% interval { $low } to { $high }, n = { $n }); the next is { $next } with { $next_value }.
findings-leak-close = The step that prospects leave most often is { $stage } ({ $value }, 95% interval { $low } to { $high }, n = { $n }), but { $next } ({ $next_value }) is too close to tell them apart.
data-refused = { $table }: { $refused ->
    [one] one row
   *[other] { $refused } rows
 } of { $rows } could not be used; kept in the refused rows with the reason.
data-fault = { $table }: { $problem } ({ $rows ->
    [one] one row
   *[other] { $rows } rows
 }). { $advice }
data-absent = Without { $table } what needs it is switched off: { $why }.
data-clean = Every row could be used and nothing was found wrong.
