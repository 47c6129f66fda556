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
column-interval = { $confidence } interval
column-n = n
not-recorded = (not recorded)
whole-book = all periods
as-of = as of { $day }
too-few = { $value } (few)
partial = { $value } *
note-cut = First { $shown } of { $rows } rows.
note-too-few = "(few)": fewer than { $n } observations, too few to judge.
note-partial = "*": the period is not complete in this book.
note-unrecorded = "–": rows count, and not one of them has the value recorded.
of-rows = { $k } of { $n }
quota-results-title = { $book }: every quota beside its own bookings, { $period }
quota-results-none = No quota lies wholly in { $period }.
quota-results = { $reached } of { $n } quotas of a { $level } that are over were reached: { $bookings } booked of { $quota }.
quota-results-level = { $reached } of { $n } quotas of a { $level } that are over were reached.
quota-results-running = None of the { $n } quotas is over on { $day }.
quota-results-column-level = Level
quota-results-holder = Whose
quota-results-note = Note
quota-results-levels = Levels hold the same bookings and are never added.
quota-note-looks-wrong = looks like a slip
quota-note-overlaps = overlaps another
label-quota-level-rep = rep
label-quota-level-team = team
label-quota-level-territory = territory
label-quota-level-manager = manager
label-quota-level-parent-territory = parent territory
label-quota-period = Quota period
quota-period-cuts = { $period } cuts the periods for which quotas are set. Ask for one of theirs: { $periods }{ $more ->
    [True] , or others
   *[other] {""}
}.
quota-grain-cuts = No { $grain } holds a whole quota. Ask by quota_period, or during one of the quotas' own periods: { $periods }{ $more ->
    [True] , or others
   *[other] {""}
}.
quota-some-cut = { $left } of { $n } quotas { $left ->
    [one] is
   *[other] are
} left out: their own days go beyond ({ $periods }{ $more ->
    [True] , and others
   *[other] {""}
}).
quota-bookings-of-nobody = Of the { $all } booked, { $rest } count for none of these quotas and are in no attainment.
quota-looks-wrong = { $n ->
    [one] The quota of { $holder } from { $period }, { $amount }, looks like a slip: see the check of the book.
   *[other] { $n } quotas look like slips, one of them that of { $holder } from { $period }, { $amount }: see the check of the book.
}
or = or
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
report-folded = All figures as a table
report-folded-notes = What this cannot tell
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

## The card of a book
card-title = { $name } · read as of { $day } · amounts in { $currency }
card-table = Table
card-rows = Rows
card-refused = Refused
card-first = First day
card-last = Last day
card-dimension = { $name } ({ $n })
card-dimensions = Break figures down by (values): { $names }.
card-absent = Not in this book: { $tables }.
card-faults = { $n ->
    [one] One thing was found
   *[other] { $n } things were found
} while reading: see book.faults, or salestrack check.
card-next = Ask next: st.headlines(book, during="last quarter"), st.findings(book, during="last quarter"), st.measure(book, st.win_rate{ $by }). All figures: st.metrics().

## What can be asked
contents-metrics = Figures
contents-metrics-name = Name
contents-metrics-second = Label
contents-metrics-says = Definition
contents-metrics-note = As in st.measure(book, "win_rate", by="rep", during="last quarter"). One's own: @st.metric.
contents-questions = Questions
contents-questions-name = Name
contents-questions-second = Takes, beside the book
contents-questions-says = Tells
contents-questions-note = As in st.funnel(book, during="last quarter"); its picture: st.charts.funnel of the answer.

## Comparisons
column-metric = Metric
column-change = Change
column-verdict = Verdict
column-factor = Factor
column-contribution = Contribution
interval = { $low } to { $high }
label-at-age = { $label } within { $days ->
    [one] 1 day
   *[other] { $days } days
}
verdict-up = up
verdict-down = down
verdict-flat = flat
verdict-cannot-tell = cannot tell
compare-title = { $book } · { $later } against { $earlier }
compare-up = { $metric } rose from { $before } in { $earlier } to { $after } in { $later }: { $change } (95% interval { $interval }).
compare-down = { $metric } fell from { $before } in { $earlier } to { $after } in { $later }: { $change } (95% interval { $interval }).
compare-flat = { $metric } stayed flat: { $before } in { $earlier }, { $after } in { $later } ({ $change }, 95% interval { $interval }).
compare-cannot-tell-noise = { $metric } went from { $before } in { $earlier } to { $after } in { $later } ({ $change }), within what chance alone can do (95% interval { $interval }).
compare-cannot-tell-many-looks = { $metric } went from { $before } in { $earlier } to { $after } in { $later } ({ $change }, 95% interval { $interval }). Alone this would be told, but among { $many } figures chance alone gives one as large.
compare-cannot-tell-young = { $metric }: { $before } in { $earlier }, { $after } in { $later }. Too early to judge: many of { $later } are not decided yet.
compare-cannot-tell-partial = { $metric }: { $before } in { $earlier }, { $after } in { $later }. One of the two periods is not complete in this book, so they are not compared.
compare-cannot-tell-too-few = { $metric }: { $before } in { $earlier } (n = { $n_before }), { $after } in { $later } (n = { $n_after }). Too few to judge.
compare-cannot-tell-absent = { $metric } cannot be measured. { $why }
compare-cannot-tell-unrecorded = { $metric }: { $before } in { $earlier }, { $after } in { $later }.
compare-cannot-tell-no-interval = { $metric } went from { $before } in { $earlier } to { $after } in { $later }. It has no interval to judge the change by.
compare-cannot-tell-state = { $metric }: { $after } on the day of the book. It tells of a day, so there is no earlier period to compare it with.
compare-cannot-tell-undefined = { $metric } is undefined in one of the periods: { $before } in { $earlier }, { $after } in { $later }.

## Change of bookings
label-amount-recorded = Wins with an amount
bookings-change-title = { $book } · why bookings changed from { $earlier } to { $later }
bookings-change = Bookings went from { $before } in { $earlier } to { $after } in { $later } ({ $change }). The largest part of the change is { $factor } ({ $contribution }); { $others }.
bookings-change-nothing-won = The change of bookings cannot be split up: nothing was won in { $periods }.
bookings-change-of-nothing = The amounts of all that was won in { $earlier } and in { $later } come to 0: there is no change to split up.
bookings-change-before-the-book = The change of bookings cannot be split up: { $earlier } lies before the book begins, so { $later } has nothing to be held against.
bookings-change-then = Of { $earlier }: { $why }

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
trend-cannot-tell = Whether { $within } is growing or shrinking cannot be told: { $slope } per { $grain } over { $periods } complete periods, 95% interval { $low } to { $high }.
trend-young = Where { $within } is heading cannot be told yet: not all of its periods are { $days } days old, the age at which they are compared.
trend-nothing = { $metric } was 0 in all { $periods } complete periods, so it is heading nowhere.
trend-too-short = Where { $within } is heading cannot be told: only { $periods } complete periods.

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
leads-needed = To book { $goal } in { $period } ({ $booked } so far, { $gap } to go) takes about { $p50 } new { $step } and { $deals } deals from them; in 8 of 10 simulated futures between { $p10 } and { $p90 } { $step }.
leads-covered = { $booked } are booked in { $period } and about { $coming_p50 } should still come from open opportunities: more likely than not that reaches { $goal }. In 9 of 10 futures { $more ->
    [no] no further { $step } are needed.
   *[yes] { $p90 } further { $step } are enough.
}
leads-over = { $period } is over: { $booked } were booked in it, { $gap } short of { $goal }. New leads can no longer change that.
leads-no-yardstick = No goal is set, and nothing was booked in { $earlier } to go by: say how much is wanted.
leads-coming = Open opportunities will bring about { $coming_p50 } of it ({ $coming_p10 } to { $coming_p90 } in 8 of 10 simulated futures), each valued as those of its age were won before.
leads-base-before-record = What the goal needs cannot be told: its rates would come from { $base }, and the record begins on { $day }.
leads-by-when = Leads must come early to count: of those that ended in a win, half would close inside the period if they came in by { $p50 }, nine in ten if they came in by { $p90 }.
leads-assumption = This takes rates and deal sizes as they were in { $base }; opportunities that never close count as not won.
leads-untold = What the goal needs cannot be told. { $why }
leads-no-goal = No goal for bookings was set in this scope: what was booked in { $earlier } is taken as the goal.
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
delta-many-looks = no clear change against { $earlier }, seen how many figures are looked at
delta-young = { $before } in { $earlier }; too early to judge
delta-partial = not compared with { $earlier }: a period is not complete
delta-too-few = too few to compare with { $earlier }
delta-no-interval = { $before } in { $earlier }
delta-state = on the day of the book
delta-undefined = not comparable with { $earlier }
delta-unrecorded = not comparable with { $earlier }: nothing recorded
delta-absent = not in this book
delta-no-whole-quota = the period cuts those of the quotas
findings-none = Nothing here needs a decision: no goal is off or at risk, and no key figure got clearly worse.
findings-untold = No goal is known to be off or at risk and no key figure clearly got worse, but { $untold ->
    [one] 1 of them cannot be judged.
   *[other] { $untold } of them cannot be judged.
}
findings-below-quota = { $below } of { $n } reps ended { $period } below their quota.
findings-below-quota-so-far = { $below } of { $n } reps are below the share of their quota of { $period } that is due by now.
findings-leak = Most prospects leave at { $stage }: { $value } of those that come to it (95% interval { $low } to { $high }, n = { $n }).
findings-leak-close = About { $value } leave at { $stage } (95% interval { $low } to { $high }, n = { $n }); { $others } cannot be told from it.
data-refused = { $table }: { $refused ->
    [one] one row
   *[other] { $refused } rows
 } of { $rows } could not be used; kept in the refused rows with the reason.
data-fault = { $table }: { $problem } ({ $rows ->
    [one] one row
   *[other] { $rows } rows
 }). { $advice }
data-fault-counted = { $table }: { $problem }. { $advice }
data-absent = Switched off for want of a table: { $tables }.
data-clean = Every row could be used and nothing was found wrong.

## Goals
goal-label = { $metric } ({ $scope })
goal-at-least = at least { $target }
goal-at-most = at most { $target }
goal-in-days = { $value } days
goal-in-hours = { $value } hours
goal-column-objective = Objective
goal-column-achieve = What do we want to achieve?
goal-column-use = What do we want to do with the data?
goal-column-owner = Owner
goal-column-review = Review
goal-column-metric = Metric
goal-column-metrics = Metrics
goal-column-period = Period
goal-column-target = Target
goal-column-value = Value
goal-column-pace = Pace
goal-column-end = Period ends at (95% range)
goal-column-n = n
goal-column-status = Status
goal-column-reason = Why
goal-table-title = From objectives to targets
first-goals-head = A first goal sheet for { $name }, with figures as of { $day }. Keep the few objectives that you pursue, answer both questions,
    set the targets, and run: salestrack report BOOK --during PERIOD --goals THIS FILE. docs/goals.md says what else can be written.
first-goals-achieve = what do we want to achieve?
first-goals-use = what do we want to do with the data?
first-goals-owner = who acts on it
first-goals-no-metric = none of the common objectives is near; salestrack metrics lists all figures
first-goals-stands = { $value } in { $last }, { $earlier } in { $before }
first-goals-today = { $value } on the day of the book
first-goals-lacks = not in this book: { $why }
goal-menu-none = None of the common objectives shares a word with this one: st.goal_menu() shows them all.
goal-menu-kept = Keeping customers (retention, churn, renewals) begins after the sale, and no figure of the kit tells it. Renewals that are opportunities can be followed by their type or pipeline, as in where: {"{"}type: Renewal{"}"}.
goal-menu-kept-words = retain retention churn renew renewal renewals loyalty upkeep 유지 해지 재계약 갱신
goal-menu-title = Common objectives and the metrics that follow from them
goal-status-title = { $book } · goals as of { $day }
goal-warning-too-many = { $count } metrics are tracked; more than { $most } are hard to keep in mind. Track what matters most, not everything.
goal-warning-two-targets = { $metric } has different targets for the same period: { $targets }. Keep one.
goal-warning-no-metric = "{ $objective }" has no metric yet: nothing will show whether it is reached.
goal-warning-no-metric-but = "{ $objective }" has no metric yet: nothing will show whether it is reached. Often used: { $metrics }.
goal-warning-many-metrics = "{ $objective }" has { $count } metrics; choose the { $most } that show best whether it is reached.
goal-warning-no-achieve = "{ $objective }" does not say what we want to achieve.
goal-warning-no-use = "{ $objective }" does not say what we want to do with the data.
goal-warning-no-owner = "{ $objective }" has no owner: nobody will act on it.
goal-warning-no-review = "{ $objective }" does not say how often it is reviewed: weekly, monthly or quarterly.
goal-warning-no-target = "{ $objective }": { $metric } has no target, so it cannot be on or off track.
goal-warning-direction = "{ $objective }": { $metric } is better when { $better ->
    [higher] higher
   *[lower] lower
}, but its target is { $direction ->
    [at_most] an upper limit
   *[at_least] a lower limit
}.
goal-warning-slip = "{ $objective }": the target of { $metric } reads as { $read }. If { $meant } is meant, write it so.
goal-warning-unused = { $count ->
    [one] { $metrics } is reported but serves no goal.
   *[other] { $count } reported metrics serve no goal: { $metrics }.
}

goal-advice-none = Nothing to improve: every objective has its metrics, targets, owner and review.

# How a goal stands
goal-sentence = { $label }, { $period }: { $status }. { $reason }
goal-sentence-today = { $label }: { $status }. { $reason }
goal-summary = { $good } of { $all } { $all ->
    [one] goal
   *[other] goals
} { $good ->
    [one] is
   *[other] are
} on track.
goal-summary-off = Off: { $labels }.
goal-summary-at-risk = At risk: { $labels }.
goal-summary-cannot-tell = Cannot tell: { $labels }.
goal-none = No goal of the sheet applies here.
goal-none-set = No goals are set.
goal-elsewhere = Not judged here, because they are goals for another scope: { $labels }.
goal-other-period = The goals set for { $period } are judged in { $period }, not in { $during }.
goal-tile-target = Target: { $target }
goal-delta = { $change } against the target
goal-delta-pace = { $pace } of the pace needed
goal-delta-gone-by = { $value } by the days gone by

# Why: facts
goal-met = { $value } against { $target }: met.
goal-met-barely = { $value } against { $target }: met, though by no more than chance alone gives{ $looks ->
    [one] {""}
   *[other] {" "}one of { $looks } goals
} ({ $low } to { $high }).
goal-missed = { $value } against { $target }: missed.
goal-missed-barely = { $value } against { $target }: missed, but within what chance alone gives{ $looks ->
    [one] {""}
   *[other] {" "}one of { $looks } goals
} ({ $low } to { $high }).
goal-met-few = { $value } against { $target }: met, on { $n } only, so chance has a large part in it.
goal-missed-few = { $value } against { $target }: missed, on { $n } only, so chance has a large part in it.
goal-met-one = { $value } against { $target }: met, mostly by one deal, so chance has a large part in it.
goal-missed-one = { $value } against { $target }: missed, and mostly one deal, so chance has a large part in it.
goal-state-met = { $value } on { $day } against { $target }: met.
goal-state-missed = { $value } on { $day } against { $target }: missed.
goal-state-not-yet = { $value } on { $day } against { $target }: not there yet; the period ends on { $last }.

# Why: what can still change; a lead, then a tail
goal-joined = { $lead }; { $tail }.
goal-sum = { $value } so far, against { $target }. By this day { $past } past periods had reached { $reached } of their final. This one ends between { $low } and { $high } (95% range)
goal-sum-few = { $value } so far, from { $n } only, against { $target }. By this day { $past } past periods had reached { $reached } of their final
goal-sum-none = Nothing so far, against { $target }. By this day { $past } past periods had reached { $reached } of their final
goal-days = { $value } in { $gone } of { $days } days is { $pace } of an even pace to { $target }
goal-nothing = Nothing in { $gone } of { $days } days, against { $target }
goal-level-range = { $value } so far, against { $target }. As { $past } past periods went on from this day, it ends between { $low } and { $high } (95% range)
goal-level-days = { $value } in { $gone } of { $days } days, against { $target }
goal-open-range = { $value } against { $target }, with some not ended yet. It lies between { $low } and { $high } (95% range)
goal-quota-range = { $now } by the days gone by, against { $target }. As { $past } past periods went on from this day, it ends between { $low } and { $high } (95% range)
goal-quota-days = { $now } by the days gone by, against { $target }
goal-cut-range = Before { $first } the book is not complete, so it does not hold all of { $period }. { $value } against { $target } in what it holds; between { $low } and { $high } (95% range)
goal-cut = Before { $first } the book is not complete, so it does not hold all of { $period }. { $value } against { $target } in what it holds
goal-surely = it would take more than chance to miss the target
goal-hardly = it would take more than chance to reach the target
goal-ahead = ahead, but chance alone can still turn it
goal-behind = behind, but chance alone can still turn it
goal-ahead-looks = ahead; of { $looks } goals one may look safe by chance
goal-behind-looks = behind; of { $looks } goals one may look lost by chance
goal-ahead-unguided = ahead so far, but fewer than { $fewest } past periods tell how one goes on
goal-behind-unguided = behind so far, but fewer than { $fewest } past periods tell how one goes on
goal-reached = the target is reached already
goal-exceeded = the limit is exceeded already
goal-young = { $value } so far, against { $target }: too young to tell{ $ripe ->
    [unknown] {""}
   *[other] {" "}before { $ripe }, when all that entered in { $period } is ripe
}.
goal-early = too early to tell from so few
goal-untold = what the rest adds cannot be told
goal-by = Quotas are due at the end of the period, so this is judged by "{ $metric }".

# Why: cannot tell
goal-undefined = Nothing to count, so the figure is undefined.
goal-too-few = { $value } (n = { $n }) against { $target }: fewer than { $least } are too few to judge.
goal-no-target = { $value }; no target is set.
goal-no-period = No period is set, neither in the sheet nor by the page.
goal-no-interval = { $value } (n = { $n }) against { $target } so far; how much it can still move cannot be stated.
goal-narrowed = { $value } for { $scope }; the target of { $target } is for more than that. Set a target with this scope to judge it.
goal-not-begun = The period { $period } has not begun on { $day }, the day of the book.
goal-state-later = { $value } on { $day }, the day of the book; the goal is for { $period }. Read the book as of { $last } to judge it.
goal-not-due = { $value } of the quotas of { $period } on { $day }; they are due on { $last }.

# Common objectives: name, the two questions, and further words by which they are found
goal-menu-grow = Grow bookings
goal-menu-grow-achieve = Book more than in the same period last year.
goal-menu-grow-use = See early whether the pace is enough, and whether more or larger deals carry it.
goal-menu-grow-words = revenue growth business sales increase turnover income 매출 성장 수주액
goal-menu-new = Win new customers
goal-menu-new-achieve = Win more opportunities with customers who have not bought before.
goal-menu-new-use = See whether more come in or more are won, with where: {"{"}type: New{"}"} or as the book calls it.
goal-menu-new-words = acquisition logos accounts first-time 신규 고객
goal-menu-larger = Sell larger deals
goal-menu-larger-achieve = Raise the typical deal size without winning less often.
goal-menu-larger-use = Tell real growth in deal size from a few large deals and from discounts.
goal-menu-larger-words = price discount value bigger upsell average amount 객단가 단가 대형
goal-menu-win = Win more of what we compete for
goal-menu-win-achieve = Turn more of the closed opportunities into wins.
goal-menu-win-use = Find where we lose, and coach and qualify there first.
goal-menu-win-words = compete rate closing lost losing competitors 승률 수주율 성공률
goal-menu-leak = Lose fewer prospects on the way
goal-menu-leak-achieve = Keep more opportunities moving from stage to stage.
goal-menu-leak-use = Find the stage where most leave, and change what happens there.
goal-menu-leak-words = leakage funnel conversion drop stages pipeline leave 이탈 누수 전환율
goal-menu-faster = Close faster
goal-menu-faster-achieve = Shorten the way from first contact to signature.
goal-menu-faster-use = Find where opportunities wait, and remove what they wait for.
goal-menu-faster-words = cycle speed time days quick velocity shorter 기간 단축 속도 빠르게
goal-menu-leads = Bring in leads that become customers
goal-menu-leads-achieve = Get more leads that sales can work with.
goal-menu-leads-use = Put effort into the sources whose leads become opportunities.
goal-menu-leads-words = marketing demand qualified generation sources campaigns 리드 잠재고객 마케팅
goal-menu-pipeline = Keep the pipeline full
goal-menu-pipeline-achieve = Have enough open business for the next periods.
goal-menu-pipeline-use = Start prospecting before the pipeline runs dry.
goal-menu-pipeline-words = coverage prospecting forecast open opportunities 파이프라인 영업기회
goal-menu-time = Give reps more time to sell
goal-menu-time-achieve = Move hours from administration and internal meetings to clients.
goal-menu-time-use = See where the time goes, and take away what leads nowhere.
goal-menu-time-words = productivity selling activity spend spent calendar 시간 영업시간
goal-menu-quota = Set quotas that most reps can reach
goal-menu-quota-achieve = Have most reps at quota, in every territory.
goal-menu-quota-use = Tell quotas that are too high from reps who need help.
goal-menu-quota-words = attainment target fair people team motivation 할당 쿼터 할당량

## Charts
chart-alt = { $title }. { $says } { $note }
chart-title = { $grouped ->
    [yes] { $metric } by { $by }, { $unit }
   *[no] { $metric }, { $unit }
}
chart-by-join = { " and " }
chart-so-far = { $value } so far
chart-unit-share = percent
chart-unit-ratio = percent
chart-unit-money = { $currency }
chart-unit-count = number
chart-unit-days = days
chart-unit-hours = hours
chart-all = All
chart-and-more = { $names } and { $more } more
chart-nothing = Nothing to draw: every figure is undefined.
chart-overall = All { $value }
chart-figure = { $name } { $value } (n = { $n })
chart-ranked = { $groups } groups: first { $first }, last { $last }; all together { $overall } (n = { $overall_n }).
chart-ranked-one = { $first }; all together { $overall } (n = { $overall_n }).
chart-ranked-none = No group has enough to be judged; all together { $overall } (n = { $overall_n }).
chart-above = Above the rest by more than chance: { $names }.
chart-below = Below the rest by more than chance: { $names }.
chart-few = { $n ->
    [one] One group has too few to judge.
   *[other] { $n } groups have too few to judge.
}
chart-line-interval = Line: { $confidence } interval.
chart-standing = ▲ above, ▼ below the rest by more than chance.
chart-no-standing = No group differs from the rest by more than chance.
chart-shrunk = ◇ drawn towards the others, the more the smaller n.
chart-partial-period = The period is not complete in this book.
chart-left-out = Not drawn: { $n } more, with too few to judge or without a value.
chart-between = … { $n } more between
chart-too-few = too few to judge (n < { $n })
chart-not-ranked = not ranked
chart-partial = partial
chart-target = Target { $value }
chart-reference = Reference { $value }
chart-span = { $first } to { $last }
chart-line = Lowest { $low } in { $low_in }, highest { $high } in { $high_in }, last { $last } in { $last_in } (n = { $last_n }), over { $periods } periods.
chart-line-one = { $last } in { $last_in } (n = { $last_n }).
chart-line-named = { $name } { $last } in { $last_in } (n = { $last_n })
chart-lines = Last of each line: { $lines }.
chart-line-empty = { $name } undefined throughout
chart-partial-periods = Not complete in this book: { $periods }.
chart-band = Band: { $confidence } interval.
chart-cut = Where it leaves the picture it is wider still.
chart-n-range = n per { $grain }: { $least } to { $most }.
chart-hollow = Hollow: the period is not complete in this book.
chart-small-grey = Small and grey: fewer than { $n }, too few to judge.
chart-lines-left-out = Not drawn: { $n } more by { $by }, with smaller n or without a name.
chart-others = All others
chart-selling = selling
chart-share-of = share of { $metric }
chart-mix = { $total } in all (n = { $n }): { $kinds }.
chart-mix-selling = Selling takes { $share } of it.
chart-mix-groups = Selling by group: { $groups }.
chart-groups-left-out = Not drawn: { $n } more groups.
chart-in-order = { $n } in order, lowest to highest
chart-one-dot = Each dot is one { $by }; filled: quota reached.
chart-far = { $n ->
    [one] { $value }
   *[other] { $n } up to { $value }
}
chart-reached = { $k } of { $n } reached quota: { $share } ({ $confidence } interval { $interval })
chart-attainment = Half of them reach at least { $half }; lowest { $lowest } { $low }, highest { $highest } { $high }.
chart-without-quota = Without quota, not drawn: { $n }.
chart-contributions = { $metric } from { $earlier } to { $later }, { $unit }
chart-in = In { $period }
chart-needed = Needed for { $goal } in { $period }
chart-needed-note = Bar: P10 to P90; dot: P50. Numbers at the right: P50 (P10–P90). Rates from { $base }.
chart-goes-on = goes on
chart-range = { $p50 } ({ $p10 }–{ $p90 })
chart-log-axis = number, each step of the axis a multiple
chart-compared = { $later } against { $earlier }
chart-relative-change = change as a share of the earlier value, percent
chart-compared-note = Line: 95% interval of the change. Filled: up or down; hollow: flat or cannot tell.
chart-verdict = { $verdict }: { $which }.
verdict-why = { $verdict } ({ $why })
why-partial = partial
why-young = too early
why-many-looks = too many looked at
why-too-few = too few
why-no-interval = no interval
why-state = a state of one day
why-undefined = undefined
why-unrecorded = not recorded
why-absent = not in the book

## Who does what, and where hours go
hours-none = No activity was logged in { $period } in this scope, so nothing can be said about it.
hours-untimed = None of the { $n } activities ({ $period }) has a recorded duration: map minutes in the book file, and hours follow.
hours-untimed-here = None of the { $n } activities ({ $period }) has a recorded duration, so their hours cannot be told.
hours-zero = All { $n } activities ({ $period }) are recorded with a duration of 0, so there are no hours to divide.
reps-unnamed = None of the { $n } activities of this book names a rep, so nobody knows who worked how long: map rep_id of activities in the book file.
reps-unnamed-here = None of the { $n } activities ({ $period }) names a rep, so nobody knows whose they are.
reps-partly-named = Only { $named } of the { $n } activities ({ $period }) { $named ->
    [one] names
   *[other] name
} a rep; whose the others are is not known.
hours-timed-unevenly = Fewer than half of these have one: { $kinds }. Shares of hours by category are of the timed alone, not of all that was done.
hours-unclassified-all = All { $n } activities are unclassified, so nothing can be said by category: add rules under activity_categories in the book file.
hours-and-more = { $names } and { $more } more
leaders-title = { $book } · { $metric }, who does most · { $period }
leaders-kind = { $kind }: { $told } by more than chance (all together { $usual } a { $unit }). { $most } has the largest total, { $total } ({ $share } of it). { $like ->
    [0] Nobody else is left.
    [one] One other cannot be told apart.
   *[other] { $like } others cannot be told apart from the rest, so they have no places among them.
}
leaders-above = { $names } above the rest
leaders-below = { $names } below the rest
leaders-alike = Nobody can be told apart from the rest in: { $kinds }.
leaders-explained = { $kind }, more or less a week only because of the number of opportunities, for each of them like the rest: { $names }.
leaders-unclassified = { $share } of { $metric } are unclassified and may belong to any of the kinds.
leaders-silent = { $n ->
    [one] One rep logged nothing at all: { $names }.
   *[other] { $n } reps logged nothing at all: { $names }.
}
leaders-named-on-none = { $n ->
    [one] One rep is named on no activity: { $names }.
   *[other] { $n } reps are named on no activity: { $names }.
}
leaders-column-standing = Against the rest
leaders-column-rate = A { $unit }
leaders-column-total = Total
leaders-column-per-opportunity = For each opportunity
leaders-standing-above = above
leaders-standing-like = like the rest
leaders-standing-below = below
leaders-standing-too-few = too few
leaders-note = "Above" and "below" hold by more than chance after adjustment for all groups and kinds; within one standing the order is that of names.

## Working time, speed to lead, neglected opportunities
label-working-hours = Working hours
label-logged-time-share = Logged share of working time
label-selling-share-of-working-time = Selling share of working time
label-speed-to-lead = Speed to lead (median)
label-idle-share = Idle opportunities
label-idle-share-by-amount = Idle opportunities by amount
label-unclassified-share = Unclassified share of logged hours
selling-title = { $book } · selling time · { $period }
selling-of-hours = of hours
selling-few = Selling takes { $share } of the { $hours } hours logged. Fewer than ten { $unit }s are too few for an interval, and to hold it against the reference of { $reference }.
selling-below = Selling takes { $share } of the { $hours } hours logged (95% interval { $interval }, over { $units } { $unit }s): less than the { $reference } that sales guides quote. That is a reference, no goal.
selling-above = Selling takes { $share } of the { $hours } hours logged (95% interval { $interval }, over { $units } { $unit }s): more than the { $reference } that sales guides quote. That is a reference, no goal.
selling-like = Selling takes { $share } of the { $hours } hours logged (95% interval { $interval }, over { $units } { $unit }s), which cannot be told apart from the { $reference } that sales guides quote. That is a reference, no goal.
selling-unlogged = Nobody logged { $unlogged } of the working time ({ $gap } of { $worked } hours). If all of it was admin, selling takes { $share } of working time and not { $logged_share }.
selling-unlogged-same = Nobody logged { $unlogged } of the working time ({ $gap } of { $worked } hours). Selling takes { $share } of working time even if all of it was admin.
selling-all-logged = All { $worked } hours of working time are logged, so selling takes { $share } of it.
selling-largest-holds = What takes the most time is { $first }, whether or not the unlogged hours are added as admin ({ $then_share } then).
selling-largest-moves = What takes the most time moves with it: of the logged hours { $first }, of the working time { $then } ({ $then_share }). Log more of the time before acting on the difference.
selling-no-working-time = There was no working time in this period, so the hours cannot be held against it.
selling-out-of-scope = Working hours belong to reps and cannot be narrowed to this scope: what nobody logged is not known here.
selling-logging-growing = More and more of the working time is logged, so the second of the two may show nothing but better logging.
selling-logging-shrinking = Less and less of the working time is logged, so the second of the two may show nothing but worse logging.
selling-unclassified = { $share } of the logged hours have no category: selling takes between { $low } (none of them) and { $high } (all of them).
selling-over-logged = { $n ->
    [one] One rep has
   *[other] { $n } reps have
} logged more hours than the calendar gives: { $names }. Look for double entries, overlaps and durations that are too long.
selling-nothing-logged = { $n ->
    [one] One rep who logs otherwise has
   *[other] { $n } reps who log otherwise have
} logged no hours in this period: { $names }.
selling-never-logged = { $n ->
    [one] One rep has never logged an activity; that rep's working time is not counted.
   *[other] { $n } reps have never logged an activity; their working time is not counted.
}
selling-nothing-named-on-none = { $n ->
    [one] One rep who is named on others is
   *[other] { $n } reps who are named on others are
} named on no hours of this period: { $names }.
selling-never-named-on-none = { $n ->
    [one] One rep is named on no activity; that rep's working time is not counted.
   *[other] { $n } reps are named on no activity; their working time is not counted.
}
label-within-5-minutes = Within 5 minutes
label-within-15-minutes = Within 15 minutes
label-within-1-hour = Within an hour
label-within-1-day = Within a day
response-title = { $book } · how fast leads are answered · { $period }
response-column-median = Half within
response-column-p90 = Nine in ten within
response-note = Fewer than 10 leads are too few to be held against the rest.
response-none = None of the { $n } leads ({ $period }) has a recorded answer. Map first_response_at of leads, or lead_id of activities, in the book file.
response-none-here = None of the { $n } leads ({ $period }) has a recorded answer, so how fast they are answered cannot be told.
response-no-leads = No lead came in ({ $period }) in this scope, so there is nothing to answer.
response = Half of the { $leads } leads were first answered within { $median } (95% interval { $interval }), nine in ten within { $p90 }.
response-no-p90 = Half of the { $leads } leads were first answered within { $median } (95% interval { $interval }). How long nine in ten wait cannot be told: too many have never been answered.
response-never-half = Fewer than half of the { $leads } leads have been answered: { $answered }.
response-bands = Within 5 minutes { $within_5_minutes } were answered, within 15 minutes { $within_15_minutes }, within an hour { $within_1_hour }, within a day { $within_1_day }.
response-unanswered = Never answered so far: { $waiting } still wait, { $ended } were converted or given up without a recorded answer.
response-above = Answered within an hour more often than the rest, by more than chance: { $names }.
response-below = Answered within an hour less often than the rest, by more than chance: { $names }.
response-alike = No group differs from the rest by more than chance in the share answered within an hour.
response-not-counted = { $n ->
    [one] One lead was
   *[other] { $n } leads were
} answered more than an hour before coming in, by the record: how long such leads waited is not known, and they are not counted.
response-day-only = { $n } of { $answered } answers are recorded as a day without a time and taken at the end of that day, so the shares of short waits are too low rather than too high.
label-idle-days = Days without a touch
label-next-step = Next step
neglected-title = { $book } · open opportunities untouched for more than { $days } days · { $day }
neglected-unlinked = None of the { $n } activities names an opportunity, so nobody knows which opportunities were touched. Map opportunity_id of activities in the book file.
neglected-nothing-open = Nothing is open in this scope.
neglected = { $idle } of { $known } open opportunities ({ $share }, 95% interval { $interval }) have had no activity for more than { $days } days; they hold { $idle_amount } of the { $amount } that is open.
neglected-count = { $idle } of { $known } open opportunities ({ $share }, 95% interval { $interval }) have had no activity for more than { $days } days. What they are worth is not recorded.
neglected-some = Among them: { $names }.
neglected-one-count = { $name } ({ $days } days, { $rep })
neglected-none = None of the { $known } open opportunities has been without an activity for more than { $days } days (95% interval of the share: { $interval }).
neglected-unknown = { $n ->
    [one] Of one more open opportunity it is not known when anybody touched it
   *[other] Of { $n } more open opportunities it is not known when anybody touched them
}: no activity and no creation date.
neglected-first = The most valuable: { $names }.
neglected-one = { $name } ({ $amount }, { $days } days, { $rep })
neglected-without-next-step = { $n ->
    [0] Every one of the { $open } open opportunities has a next step.
    [one] One of { $open } open opportunities has no next step.
   *[other] { $n } of { $open } open opportunities have no next step.
}
neglected-no-plans = Next steps are not recorded in this book for this day.
neglected-above = More of theirs is idle than of the rest, by more than chance: { $names }.
neglected-below = Less of theirs is idle than of the rest, by more than chance: { $names }.
neglected-alike = Nobody differs from the rest by more than chance; fewer than { $n } open opportunities are too few to tell.
touches-title = Touches of the most valuable open opportunities, by week
touches-note = Number of activities in each week; empty: none; grey: not created yet. Beside the name: days without a touch; orange when more than { $days }.
touches-oldest = { $n } weeks ago
touches-latest = last 7 days
touches-says = Of the { $n } most valuable open opportunities, { $idle } { $idle ->
    [one] has
   *[other] have
} had no activity for more than { $days } days.
touches-idle = Untouched: { $names }.

## The box at the top of a page
in-short-nothing = The book does not hold what these questions need. Each section below says which table would unlock it.

## A rep's page
rep-page-title = { $book } · where the hours of { $rep } go · { $period }
rep-page-nobody = No rep is named. Set the parameter rep to a name or key to see one rep's hours beside the team's and the rep's own past.
rep-page-none = { $rep } logged no hours in { $period } in this scope, so there is no mix to show.
rep-page-named-on-none = { $rep } is named on no hours in { $period } in this scope, so there is no mix to show.
rep-page-team = the rest of { $team }
rep-page-everyone = everyone else
rep-page-hours = { $rep } logged { $hours } hours in { $period } ({ $n } activities over { $units } { $units ->
    [one] { $unit }
   *[other] { $unit }s
}). { $share } of them were selling (95% interval { $interval }).
rep-page-hours-few = { $rep } logged { $hours } hours in { $period } ({ $n } activities over { $units } { $units ->
    [one] { $unit }
   *[other] { $unit }s
}). { $share } of them were selling; fewer than 10 { $unit }s are too few for an interval.
rep-page-beside = { $kind } ({ $share } against { $other_share })
rep-page-up = A larger share of the hours than in { $other }: { $kinds }.
rep-page-down = A smaller share of the hours than in { $other }: { $kinds }.
rep-page-alike = No category takes a share of the hours that differs from { $other } by more than chance.
rep-page-too-few = Whether the mix differs from { $other } cannot be told: fewer than 10 { $unit }s with logged hours.
rep-page-freed = At the share of { $kind } that { $team } has, about { $hours } hours a { $unit } would be free for other work ({ $low } to { $high }); worth asking what could be taken off.
rep-page-no-past = There is no complete span before it in the book to hold the mix against.
rep-page-no-grade = A mix is no grade: accounts, territory and role differ, and only what was logged is in it.
rep-page-own = Own
rep-page-hours-head = Hours
rep-page-share = Share
rep-page-others = Team's others
rep-page-verdict-up = more
rep-page-verdict-down = less
rep-page-verdict-flat = alike
rep-page-verdict-cannot-tell = cannot tell
rep-page-note = "More" and "less" hold for the whole page together with 95%: all differences are within their limits at once.

## What goes with winning
coverage-no-link = None of the { $n } activities says which opportunity it served, so activities cannot be held against what became of opportunities. Map opportunity_id of the activities in the book file.
coverage-unclassified = All { $n } activities on opportunities are unclassified, so kinds of activity cannot be told apart. Say in the book file, under activity_categories, which activities belong to which category.
winning-title = { $book } · what goes with winning
winning-note = Effect: change of the win probability for one more { $dose ->
    [hours] hour
   *[activities] activity
} in the first days, with segment, source, quarter of creation, amount, rep and the other activities held fixed. Adjusted p: for all rows at once (Holm).
winning-column-days = First days
winning-column-category = Activity
winning-column-effect = One more goes with
winning-column-p = Adjusted p
winning-column-with = With any
winning-verdict-more = more wins
winning-verdict-less = fewer wins
winning-verdict-cannot-tell = cannot tell
winning-verdict-too-few = too few
winning-and = { $first } and { $last }
winning-verdict-sooner = wins sooner, not more
winning-verdict-later = wins later, not fewer
winning-verdict-sooner-or-more = wins sooner or more
winning-verdict-later-or-less = wins later or fewer
winning-more = One more { $dose ->
    [hours] hour
   *[activities] activity
} "{ $category }" in the first { $days } days goes with a win probability { $points } points higher (95% interval { $low } to { $high }), among { $n } opportunities that were open then.
winning-less = One more { $dose ->
    [hours] hour
   *[activities] activity
} "{ $category }" in the first { $days } days goes with a win probability { $points } points lower (95% interval { $low } to { $high }), among { $n } opportunities that were open then.
winning-sooner = One more { $dose ->
    [hours] hour
   *[activities] activity
} "{ $category }" in the first { $days } days goes with wins that come sooner, not with more of them: { $soon } are won within { $within } days more (95% interval { $soon_low } to { $soon_high }), { $effect } in the end ({ $low } to { $high }).
winning-later = One more { $dose ->
    [hours] hour
   *[activities] activity
} "{ $category }" in the first { $days } days goes with wins that come later, not with fewer of them: { $soon } are won within { $within } days more (95% interval { $soon_low } to { $soon_high }), { $effect } in the end ({ $low } to { $high }).
winning-sooner-or-more = One more { $dose ->
    [hours] hour
   *[activities] activity
} "{ $category }" in the first { $days } days goes with { $soon } won within { $within } days more (95% interval { $soon_low } to { $soon_high }). Whether more are won in the end, or the same ones sooner, cannot be told{ $known ->
    [yes] : { $effect } in the end ({ $low } to { $high })
   *[no] {" "}yet
}.
winning-later-or-less = One more { $dose ->
    [hours] hour
   *[activities] activity
} "{ $category }" in the first { $days } days goes with { $soon } won within { $within } days more (95% interval { $soon_low } to { $soon_high }). Whether fewer are won in the end, or the same ones later, cannot be told{ $known ->
    [yes] : { $effect } in the end ({ $low } to { $high })
   *[no] {" "}yet
}.
winning-parted = { $below ->
    [none] None of the { $n_below }
    [all] All of the { $n_below }
   *[some] { $won_below } of the { $n_below }
} opportunities { $any ->
    [yes] without
   *[no] with less than { $cut }
} "{ $category }" in the first { $days } days { $below ->
    [none] was
   *[other] were
} won, { $above ->
    [none] none of { $n_above }
    [all] all { $n_above }
   *[some] { $won_above } of { $n_above }
} with { $any ->
    [yes] one
   *[no] as much or more
} were. One more goes with at least { $times } times the odds of { $verdict ->
    [less] losing
   *[more] winning
} (95% limit).
winning-also = The same can be told in the first { $days } days.
winning-cannot-tell = Of the rest no kind can be told from chance ({ $categories }): what one more goes with lies somewhere from { $low } to { $high } in the first { $days } days.
winning-none = No kind of activity can be told from chance ({ $categories }): what one more goes with lies somewhere from { $low } to { $high } in the first { $days } days.
winning-never = Never recorded on these opportunities in the first { $days } days, so nothing can be told of it: { $categories }.
winning-few = Too few opportunities, or too much alike, to tell anything of: { $categories }.
winning-too-few = Too few to tell what goes with winning: { $n ->
    [one] one opportunity was open { $days } days after creation and has been watched to its end.
   *[other] { $n } opportunities were open { $days } days after creation and have been watched to their end.
}
winning-closed-before = What goes with winning cannot be told from the first { $days } days: { $n } opportunities had closed by then, and none was open. Ask for fewer days.
winning-none-won = What goes with winning cannot be told: none of the { $n } opportunities that were open after { $days } days was won.
winning-young = Too early to tell what goes with winning: wins still come { $watched } days after the first { $days }, and the record is hardly longer.
winning-limit-cause = This says what goes with winning, never what causes it: reps may meet most where they expect to win.
winning-limit-recorded = It knows only what was recorded and names the opportunity; calls that nobody logged, and activities on a lead or an account alone, are not in it.
winning-limit-cohort = First { $days } days: opportunities compared: { $compared }{ $watched ->
    [0] {""}
   *[other] , watched for { $watched } days more, when 95% of the wins have come; { $still_open } of them are open still and count with the { $yet } chance of those so old
}. Left out: { $unripe } not watched so long, { $closed_before } that had closed before, { $too_young } younger than that.
winning-limit-carried = { $n ->
    [one] One opportunity was
   *[other] { $n } opportunities were
} created before activities were recorded and left out.
winning-limit-undated = { $n ->
    [one] One opportunity has
   *[other] { $n } opportunities have
} no date of creation and { $n ->
    [one] is
   *[other] are
} left out.
winning-limit-line = "One more" is an average along a line: it does not say that the tenth helps as much as the first.
winning-limit-amount = Amounts are those last recorded; where they were changed on the way to the decision, holding them fixed takes part of it away.

## Time use
label-hours-per-win = Hours per win, losses included
label-hours-on-a-win = Hours on a won opportunity
label-hours-on-a-loss = Hours on a lost opportunity
label-bookings-per-hour = Bookings per hour
time-use-title = { $book } · hours by what became of the opportunity · { $period }
time-use-won = Won
time-use-lost = Lost
time-use-open = Still open
time-use-none = No opportunity
time-use-unknown = Unknown opportunity
time-use-hours = Of { $hours } hours logged in { $period }, { $won } went into opportunities that were won, { $lost } into lost ones, { $open } into ones still open, and { $none } name no opportunity.
time-use-hours-unsplit = { $hours } hours were logged in { $period }; { $none } of them name no opportunity.
time-use-unknown-hours = { $unknown } of the hours name an opportunity that the book does not have.
time-use-interval = 95% interval { $low } to { $high }
time-use-few = too few for an interval
time-use-cost = A win takes { $hours_per_win } hours with the losses paid for ({ $hours_per_win_interval }): of { $won } won and { $lost } lost opportunities decided then, a won one took { $hours_on_a_win } hours itself ({ $hours_on_a_win_interval }), a lost one { $hours_on_a_loss } ({ $hours_on_a_loss_interval }).
time-use-cost-of-wins = A win took { $hours_on_a_win } hours ({ $hours_on_a_win_interval }; won: { $won }); nothing was lost that would have to be paid for.
time-use-bookings = An hour on decided opportunities goes with { $bookings_per_hour } of bookings ({ $bookings_per_hour_interval }){ $n ->
    [0] .
    [one] ; one win has no amount and adds nothing.
   *[other] ; { $n } wins have no amount and add nothing.
}
time-use-nothing-won = What a win takes cannot be told: none of the { $n } opportunities decided then was won.
time-use-loss-count = The loss with most hours is { $name } of { $rep }: { $hours } hours went into it. The { $n } most expensive losses took { $share } of all hours on lost opportunities.
time-use-loss = The most expensive loss is { $name } of { $rep } ({ $amount }): { $hours } hours went into it, and it was lost from { $stage }. The { $n } most expensive losses took { $share } of all hours on lost opportunities.
time-use-loss-no-stage = The most expensive loss is { $name } of { $rep } ({ $amount }): { $hours } hours went into it. The { $n } most expensive losses took { $share } of all hours on lost opportunities.
time-use-group = { $name } ({ $hours } hours, n = { $n })
time-use-dearer = A loss takes more hours than others by more than chance, by { $by }: { $groups }.
time-use-unclassified = { $share } of the hours are unclassified and may belong to any category.
time-use-carried-over = { $n ->
    [one] One decided opportunity is
   *[other] { $n } decided opportunities are
} in none of these costs: created before the first logged activity or on no recorded day, so that not all hours are known.

## Capturing calendars and mail
capture-read = Events and mails read in { $n ->
    [one] one file
   *[other] { $files } files
}: { $read }. Activities: { $placed }, left out: { $left }.
capture-left-out = { $count } left out: { $why }.
capture-unclassified = { $n ->
    [one] One activity fits no rule and is
   *[other] { $count } activities fit no rule and are
} unclassified: { $share }.
capture-matched = Of { $client } activities with clients, { $matched } belong to an opportunity.
capture-unmatched = { $count } without an opportunity: { $why }.
capture-overlaps = { $n ->
    [one] One activity begins
   *[other] { $n } activities begin
} while another one of the same rep still goes on: { $hours } hours are counted more than once.
capture-unknown-zone = { $n ->
    [one] One event names
   *[other] { $n } events name
} a time zone that is not known; the times are read on the book's clock.
capture-unknown-zone-of-mail = { $n ->
    [one] One mail names
   *[other] { $n } mails name
} a time zone that is not known; the times are read on the book's clock.
capture-garbled = { $n ->
    [one] One file is
   *[other] { $n } files are
} not UTF-8 throughout, and read in the encoding that fits best: { $files }.
capture-passed-over = { $n ->
    [one] One other file in the folders is
   *[other] { $n } other files in the folders are
} neither calendar nor mail.
capture-strangers = The rules name { $n ->
    [one] a key
   *[other] { $n } keys
} that { $table } of the book do not have: { $keys }.
capture-changes = Activities against the last time: { $added } added, { $changed } changed, { $removed } removed, { $same } as before; { $total } in all.
capture-written = Written: { $activities } and { $rest }.
capture-reason-unreadable = the file is neither a calendar nor a mail archive
capture-reason-malformed = the event's text is broken or its times cannot be read
capture-reason-cancelled = the event was called off
capture-reason-answer = it is an answer to an invitation, and the event itself is in the calendar
capture-reason-private = the event is marked private
capture-reason-out-of-office = the event is marked out of office
capture-reason-free = the event is shown as free time
capture-reason-no-duration = the event takes no time, as a reminder does
capture-reason-ends-before-start = the event ends before it begins
capture-reason-too-often = the series repeats so often that it must be a mistake
capture-reason-before-window = it is before the first day that is read
capture-reason-after-window = it is after the day of the book
capture-reason-outside-window = no occurrence is within the days that are read
capture-reason-all-day = it covers whole days, and no rule says how much of them was worked
capture-reason-not-working-day = it is on a day on which nobody works
capture-reason-declined = the rep declined
capture-reason-no-rep = it is of nobody whose address is listed
capture-reason-received = the mail was received and not sent
capture-reason-no-date = the mail has no date that can be read
capture-reason-no-sender = the mail has no sender that can be read
capture-reason-automatic = the mail was sent by a program, as in somebody's absence or to many
capture-reason-draft = the mail is a draft and was not sent
capture-reason-chat = it is a chat and no mail
capture-reason-spam = the mail is marked as spam
capture-reason-trash = the mail was thrown away
capture-reason-by-rule = a rule leaves it out
capture-reason-duplicate = it was found more than once, and another copy counts
capture-reason-older-version = a later version was captured before
capture-note-no-account = no address in it belongs to a known account
capture-note-several-accounts = the addresses in it belong to several accounts
capture-note-none-open = the account had no open opportunity on that day
capture-note-several-open = the account had several open opportunities on that day

## What leads up to a sale
lead-up-grain-day = day
lead-up-grain-week = week
lead-up-grain-month = month
lead-up-won = won
lead-up-lost = lost
lead-up-title-close = { $book } · before the close, week by week
lead-up-title-creation = { $book } · after the creation, week by week
lead-up-note = Activities on an opportunity in the week; lost ones made like the won ones in rep, age at close, amount and quarter. ▲ more, ▼ less on won ones by more than chance. “n”: won / lost opportunities that existed all week.
lead-up-column-close = Weeks before
lead-up-column-creation = Weeks after
lead-up-column-won = won
lead-up-column-lost = lost
lead-up-clear-close = Before the close, won opportunities had { $verdict ->
    [more] more
   *[less] less
} of "{ $category }" than lost ones of the same rep and of like age and amount: in { $grain } { $bucket } before it { $won } against { $lost }, a difference of { $difference } (95% interval { $low } to { $high }). So it is in { $buckets } of { $count } such stretches.
lead-up-clear-creation = After their creation, won opportunities had { $verdict ->
    [more] more
   *[less] less
} of "{ $category }" than lost ones of the same rep and of like age and amount: in { $grain } { $bucket } after it { $won } against { $lost }, a difference of { $difference } (95% interval { $low } to { $high }). So it is in { $buckets } of { $count } such stretches.
lead-up-rest-close = Of the rest, nothing before the close can be told from chance: { $categories }.
lead-up-rest-creation = Of the rest, nothing after the creation can be told from chance: { $categories }.
lead-up-none-close = Before the close, won and lost opportunities of the same rep and of like age and amount cannot be told apart by any kind of activity: { $categories }.
lead-up-none-creation = After their creation, won and lost opportunities of the same rep and of like age and amount cannot be told apart by any kind of activity: { $categories }.
lead-up-matched = Compared are { $won } won and { $lost } lost opportunities, within the rep, age at close, amount and quarter.
lead-up-too-few = Too few to compare what was done on won and lost opportunities: { $won } won and { $lost } lost ones have a counterpart of the same rep and of like age and amount.
lead-up-limit-cause = This shows what went before, not what brought about the sale: a deal about to be won also makes for meetings.
lead-up-limit-age = Looking back from the close knows when the close was. For what can be known beforehand see what goes with winning.
lead-up-limit-matched = Of { $decided } { $outcome } opportunities, { $ripe } were created so long ago that hardly any like them is open, { $recorded } of these lived while activities were recorded, and { $matched } of these have a counterpart of the same rep and of like age and amount.

## Time sinks
sinks-title = { $book } · time sinks · { $period }
sinks-found = { $n ->
    [one] One time sink takes
   *[other] { $n } time sinks take
} { $share } of all hours, most of it for no opportunity and with no sign that it goes with winning: { $kinds }.
sinks-kind = { $kind } ({ $share } of the hours, { $unattached } of it without an opportunity{ $association ->
    [less] , goes with winning less often
    [later] , goes with wins that come later
   *[other] {""}
})
sinks-none = No category is a time sink: none is at once large, mostly without an opportunity, and without a sign that it goes with winning.
sinks-too-few = Whether a category is a time sink cannot be told: fewer than 10 weeks or days with logged hours.
sinks-unknown = What goes with winning could not be asked of this book or scope, so no category can be called a sink.
sinks-part = { $name } { $share }
sinks-types = What { $kind } is made of: { $parts }.
sinks-pays = Mostly without an opportunity, but going with winning more often, so no sink: { $kinds }.
sinks-no-what-if-sink = Nothing is moved in a what-if, as nothing is a sink.
sinks-no-what-if-best = No what-if is given: no category can be told to go with winning more often, so there is nowhere to move hours to.
sinks-no-what-if-hours = No what-if is given: the activities that go with winning have no recorded duration, so hours cannot be turned into activities.
sinks-what-if = { $freed } of the sinks' hours are { $hours } hours, the time of { $extra } activities more { $best } (on average { $each } hours each). These would go with { $wins_p50 } more wins (80% range { $wins_p10 } to { $wins_p90 }).
sinks-bookings = At the average deal size that is { $money_p50 } of bookings (80% range { $money_p10 } to { $money_p90 }), in a span like this one.
sinks-no-bookings = What that is in bookings cannot be stated: too few wins with an amount.
sinks-capacity = It takes { $per } more of these activities for each of the { $n } opportunities created then; judge whether clients have so much time.
sinks-assumption = This holds only if the association were a cause, which this data cannot show: every extra activity would have to fall into the first { $days } days of an opportunity and do there what those did that were made. How much time clients have is not considered, and the best of several categories looks better than it is.
sinks-limit-indirect = Work without an opportunity may pay off through others: preparation through the meetings that it prepares, travel through the visits at its end, training later. None of that can be seen here.
sinks-limit-owed = Some hours are owed: reporting, expenses and records may be required by law or by the customer.
sinks-limit-attached = "No opportunity attached" is what was recorded; where reps seldom name one, everything looks loose.
sinks-limit-unclassified = { $share } of the hours are unclassified; they may belong to any category, and are never called a sink.
sinks-column-share = Share of hours
sinks-column-unattached = Without an opportunity
sinks-column-association = Goes with winning
sinks-column-sink = Sink
sinks-association-more = more often
sinks-association-less = less often
sinks-association-sooner = sooner
sinks-association-later = later
sinks-association-sooner-or-more = sooner or more often
sinks-association-later-or-less = later or less often
sinks-association-cannot-tell = cannot tell
sinks-association-no-opportunity = on no opportunity
sinks-association-unknown = not known
sinks-yes = sink

## Charts of what goes with winning and what leads up to a sale
chart-effects = What one more { $dose ->
    [hours] hour
   *[activities] activity
} goes with
chart-effects-days = first days
chart-effects-axis = points of win probability
chart-effects-note = Line: 95% interval. Filled ▲ ▼: told from chance; hollow: not. ◆: told from chance, but in when they are won. Opportunities compared, by first days: { $n }. It goes with winning; it need not cause it.
chart-doses = Won by { $dose ->
    [hours] hours
   *[activities] number of activities
} · { $category }, first { $days } days
chart-doses-n = n = { $n }
chart-doses-axis = share won
chart-doses-row = { $dose }: { $share } (n = { $n })
chart-doses-says = Share won by { $dose ->
    [hours] hours
   *[activities] number of activities
} "{ $category }" in the first { $days } days: { $rows }.
chart-doses-note = Dots: as counted, with 95% interval. Blue: if all opportunities were alike in segment, source, quarter, amount, rep and the other activities.
chart-doses-note-counted = Dots: as counted, with 95% interval; too few to hold anything else fixed.
chart-lead-up-close = "{ $category }" by { $grain } before the close
chart-lead-up-creation = "{ $category }" by { $grain } after the creation
chart-lead-up-axis-close = { $grain }s before the close
chart-lead-up-axis-creation = { $grain }s after the creation
chart-lead-up-unit = activities each
chart-lead-up-won = won
chart-lead-up-lost = lost, alike
chart-lead-up-note = Lost ones made like the won in rep, age at close, amount and quarter. Band: 95% interval of the difference, drawn from the lost. Filled: they differ by more than chance.
chart-lead-up-note-n = n per { $grain }: { $least } to { $most }.

## Charts of hours
chart-share-of-hours = share of hours, percent
chart-own-mix = Where the hours of { $rep } go
chart-own-mix-says = { $hours } hours: { $parts }.
chart-own-mix-up = More than { $other } by more than chance: { $kinds }.
chart-own-mix-down = Less than { $other } by more than chance: { $kinds }.
chart-own-mix-own = ● own
chart-own-mix-team = ◇ { $other }
chart-own-mix-past = □ own in { $other }
chart-own-mix-note = { $marks }. Lines: 95% interval each.
chart-own-mix-colours = ▲ more, ▼ less than the team by more than chance.
chart-outcomes = What became of the hours
chart-outcomes-says = { $hours } hours. { $parts }.
chart-outcomes-note = Hours of the period, by what the opportunity is on the day of the book.
chart-sinks = Time sinks
chart-sinks-goes = goes with winning
chart-sinks-sink = sink: { $word }
chart-sinks-loose = Sink, no opportunity
chart-sinks-loose-other = No sink, no opportunity
chart-sinks-row = { $name } { $share } of the hours, { $unattached } of it without an opportunity, goes with winning: { $word }
chart-sinks-found = Time sinks: { $kinds }.
chart-sinks-none = No category is a time sink.
chart-sinks-note = Filled: hours without an opportunity; outlined: hours on one. Line: 95% interval of the whole bar. A sink is larger than { $large } of the hours (dashed), mostly filled, and shows no sign of going with winning.

## Chart of the leader board
chart-leaders = { $metric }: who does most
chart-leaders-axis = { $metric } a { $unit }
chart-leaders-says = { $n } compared at { $kinds } kinds of activity.
chart-leaders-few = Nobody has ten weeks or days of records, so there is nobody to compare.
chart-leaders-note = Each dot is one of them; the stroke is the mean of all. ▲ above, ▼ below the rest by more than chance; dots have no places.

## From MQL to SQL, and where it broke
qualification-title = { $book } · { $step } · as of { $as_of }
qualification-step-sales-qualified = MQL to SQL
qualification-step-won = MQL to deal
qualification-goal-sales-qualified = SQL
qualification-goal-won = a deal
qualification-unit-sales-qualified = SQLs
qualification-unit-won = deals
qualification-all = all leads
qualification-fell = { $step } of { $name } fell in { $since }{ $exact ->
    [yes] {""}
   *[no] {" "}(between { $since_low } and { $since_high })
}: from { $before } ({ $before_interval }) to { $after } ({ $after_interval }) of the MQLs within { $days } days, to { $ratio } times the earlier share (95% interval { $ratio_low } to { $ratio_high }; p { $p }).
qualification-rose = { $step } of { $name } rose in { $since }{ $exact ->
    [yes] {""}
   *[no] {" "}(between { $since_low } and { $since_high })
}: from { $before } ({ $before_interval }) to { $after } ({ $after_interval }) of the MQLs within { $days } days, to { $ratio } times the earlier share (95% interval { $ratio_low } to { $ratio_high }; p { $p }).
qualification-stopped = Of the MQLs of { $name } none has become { $goal } since { $since }{ $exact ->
    [yes] {""}
   *[no] {" "}(between { $since_low } and { $since_high })
}, after { $before } ({ $before_interval }) within { $days } days before: either nothing goes on any more, or it is no longer recorded (p { $p }).
qualification-cost = Since then this has cost about { $lost } { $unit } of { $name } (95% interval { $lost_low } to { $lost_high }){ $opportunities ->
    [yes] , { $lost_opportunities } opportunities ({ $lost_opportunities_low } to { $lost_opportunities_high })
   *[no] {""}
}{ $bookings ->
    [yes] {" "}and { $lost_bookings } of bookings ({ $lost_bookings_low } to { $lost_bookings_high })
   *[no] {""}
}, if the MQLs since then were like those before and would have gone on as they did.
qualification-last-year = In the same weeks a year before it was { $last_year } ({ $last_year_interval }), so this is no season.
qualification-no-year = The same weeks of a year before are not recorded, so a season cannot be told from a break.
qualification-season = { $step } of { $name } went from { $before } to { $after } in { $since }, but was { $last_year } ({ $last_year_interval }) in the same weeks a year before: a season and no break.
qualification-not-why = The counts tell since when, not why: look for what changed then in targeting, forms, scoring, hand-over or recording.
qualification-none = No { $others ->
    [yes] other break
   *[no] break
} in { $step } can be told: { $names }. A halving { $weeks } weeks ago would have been told with a probability of { $alike ->
    [yes] { $low }
   *[no] { $low } ({ $weakest }) to { $high }
}.
qualification-overall = Of { $n } MQLs { $share } became { $goal } within { $days } days (95% interval { $interval }), those still waiting kept as such.
qualification-overall-young = { $n } MQLs are too young to say which share becomes { $goal } within { $days } days.
qualification-recorded-since = Before { $day } no MQL of { $name } is recorded to have become { $goal }, though many should have: this is where the record begins and no break, and the weeks before do not count.
qualification-mql-since = MQL dates begin on { $mql }, though leads came in since { $lead }: whether earlier leads became MQL is not recorded.
qualification-too-few = Too few to look for a break: { $names }. It takes { $weeks } weeks with MQLs old enough to judge, of which some went on and some did not.
qualification-young = { $n } MQLs since { $week } are too young: less than { $mature } of those that will become { $goal } within { $days } days can have done so yet. They are shown and not judged.
qualification-refused = { $n ->
    [one] One MQL is
   *[other] { $n } MQLs are
} refused here: dated as { $goal } before being an MQL.
qualification-no-mql = No lead of this book has a day as MQL: map marketing_qualified_at in the table leads to switch this on.
qualification-none-here = No lead became MQL in { $period } in this scope, so there is nothing to follow.
qualification-no-goal = None of { $n } MQLs in { $period } is dated as { $goal }, so nothing can be said about { $step }. Map the day in the book file, or ask for another goal.
qualification-column-mqls = MQLs
qualification-column-within = within { $days } days
qualification-column-break = Break
qualification-verdict-fell = fell { $week }
qualification-verdict-rose = rose { $week }
qualification-verdict-stopped = none since { $week }
qualification-verdict-none = none told
qualification-verdict-season = season
qualification-verdict-too-few = too few
qualification-note = Corrected for maturity: leads that still wait are censored on the day of the book. A dash: nobody has been watched that long.

## Bottlenecks
of-process = { $process }: { $sentence }
bottleneck-title = Time in stage, queue and flow · { $book } · { $period }
bottleneck-no-stays = No opportunity of this scope has entered a stage in the stage history, so there is no time in stage to tell of.
bottleneck-in = { $stage } in { $group }
bottleneck-worst = The bottleneck is { $in }: { $ended ->
    [no] fewer than half of the opportunities that came to it since { $since } have left it, those before stayed a median of { $before }
   *[yes] opportunities that came to it since { $since } stay a median of { $now } there, those before { $before }
}{ $known ->
    [all] : { $factor } times as long (95% interval { $interval }; n = { $n }, { $n_before } before).
    [least] : at least { $least } times as long (n = { $n }, { $n_before } before).
   *[no] {" "}(n = { $n }, { $n_before } before).
}
bottleneck-waiting = { $waiting } wait there now, worth { $value }; at the usual pace it would be { $expected }.
bottleneck-since = It began between { $first } and { $last }, most likely in { $since }.
bottleneck-since-sure = No other month explains the data as well as { $since }.
bottleneck-none = { $searched ->
    [one] The one stage that enough opportunities have passed through has not become slower or faster by more than chance.
   *[other] No stage stands out: in { $stages ->
        [one] one stage
       *[other] { $stages } stages
    }, looked at as a whole and group by group ({ $searched } searches), none has become slower or faster by more than chance.
}
bottleneck-too-few = Too few opportunities have passed through any stage to tell whether one has become slower.
bottleneck-also-slower = Slower than it used to be, too: { $names }.
bottleneck-also-faster = Faster than it used to be: { $names }.
bottleneck-change = { $in } since { $since } (median { $now } after { $before })
bottleneck-at-least = more than { $days }
bottleneck-unknown = not reached yet
bottleneck-or-more = not reached
bottleneck-more = More wait than at the usual pace of their segment: { $names }.
bottleneck-fewer = Fewer wait than at the usual pace of their segment: { $names }.
bottleneck-alike = In no group more or fewer wait than the usual pace and chance make of it.
bottleneck-few-each = In each group too few wait to tell one from another.
bottleneck-standing = { $name } ({ $waiting }, usual { $expected })
bottleneck-standing-more = more wait
bottleneck-standing-fewer = fewer wait
bottleneck-standing-as-usual = as usual
bottleneck-standing-too-few = too few
bottleneck-nobody-waits = Nobody waits in any stage on the day of the book.
bottleneck-queue = Most of the waiting is in { $stage }: { $waiting } of the { $all } open opportunities are there on { $day }, with { $share } of all days waited and { $value }.
bottleneck-ageing = { $over } of the { $all } have been in their stage for longer than nine in ten usually stay.
bottleneck-growing = More came to { $stage } than left it: { $inflow } came, { $went_on } went on and { $left } were lost; the queue went from { $at_start } to { $at_end }.
bottleneck-growing-back = More came to { $stage } than left it: { $inflow } came, { $went_on } went on, { $went_back } went back and { $left } were lost; the queue went from { $at_start } to { $at_end }.
bottleneck-unplaced = { $n ->
    [one] One opportunity is in another stage than the last that its history tells of: it waits there, since when is not recorded.
   *[other] { $n } opportunities are in another stage than the last that their history tells of: they wait there, since when is not recorded.
}
bottleneck-unseen = { $n } stays of opportunities created before { $day } are not in the times: closes are recorded since that day only, so of the earlier ones the book holds those that lived long.
history-stamped = { $n ->
    [one] One opportunity that was
   *[other] { $n } opportunities that were
} there before the history was written, all at once on { $days }, are left out: it dates all that came before on that day.
bottleneck-stamped = { $n ->
    [one] One stay
   *[other] { $n } stays
} that the history dates on { $days }, when it was written all at once, are not in the times.
entered-late = Closes are entered late here, nineteen in twenty within { $n ->
    [one] a day
   *[other] { $n } days
}: what became of them is told as of { $day }.
cycle-late = Closes are entered late here, nineteen in twenty within { $n ->
    [one] a day
   *[other] { $n } days
}: what became of those created is told as of { $day }.
hygiene-late = Closes are entered late here, nineteen in twenty within { $n ->
    [one] a day
   *[other] { $n } days
}: what is open too long or overdue is so by more than that.
neglected-late = Closes are entered late here, nineteen in twenty within { $n ->
    [one] a day
   *[other] { $n } days
}: idle are those that were so on { $day } already.
pace-late = Closes are entered late here, nineteen in twenty within { $n ->
    [one] a day
   *[other] { $n } days
}: every period counts what was entered by the same day.
bottleneck-late = Closes are entered late here, nineteen in twenty within { $n ->
    [one] a day
   *[other] { $n } days
}: all of this is as of { $day }, so that what has closed and is not entered yet does not look as if it waited.
bottleneck-head-time = Days in stage
bottleneck-head-queue = Waiting now
bottleneck-head-flow = Flow
bottleneck-head-score = Against own past
bottleneck-median = median
bottleneck-p90 = P90
bottleneck-count = number
bottleneck-value = value
bottleneck-deal-days = days waited
bottleneck-over-p90 = over P90
bottleneck-inflow = came
bottleneck-went-on = went on
bottleneck-went-back = went back
bottleneck-left = lost
bottleneck-little = mean days (Little)
bottleneck-expected = usual queue
bottleneck-excess = score: too many
bottleneck-excess-interval = by chance
bottleneck-changed = change
bottleneck-changed-slower = { $known ->
    [all] { $factor } × slower since { $since }
   *[other] slower since { $since }
}
bottleneck-changed-faster = { $known ->
    [all] { $factor } × since { $since }
   *[other] faster since { $since }
}
bottleneck-changed-not-told = none told
bottleneck-changed-too-few = too few
bottleneck-note = Median, P90: Kaplan-Meier, those still there kept. Mean days: the number there, averaged over the period, over those who leave a day (Little's law). Usual queue: how many would wait at the pace of the book's own past. Score: waiting now less the usual queue.

## Chart of conversion from MQL, week by week
chart-qualification-axis = became { $goal } within { $days } days
chart-qualification-since = since { $week }
chart-qualification-says = { $name }: { $share } of { $n } MQLs of { $weeks } weeks became { $goal } within { $days } days; no break can be told.
chart-qualification-says-break = { $name }: { $before } of the MQLs became { $goal } within { $days } days before { $week }, { $after } since then ({ $n } MQLs of { $weeks } weeks).
chart-qualification-note = A dot is a week of becoming MQL, its line the 95% interval. Dashed: the break, shaded: where it may lie. Grey and hollow: too young to judge, or before the record begins.

## Sales cycle and time to close
cycle-title = Sales cycle and time to close · { $book } · { $period }
cycle-nothing = Nothing was won and nothing created in { $period }, so there is no cycle to tell of.
cycle-nothing-won = { $grouped ->
    [yes] { $group }: nothing
   *[no] Nothing
} with a known start was won in this period, so there is no sales cycle.
cycle-nothing-created = { $grouped ->
    [yes] { $group }: nothing
   *[no] Nothing
} was created in this period, so there is no time to close; the { $n_won } won in it took a median of { $sales_cycle } days.
cycle-won = { $grouped ->
    [yes] { $group }: the
   *[no] The
} { $one ->
    [yes] one opportunity won took { $sales_cycle } days.
   *[no] { $n_won } opportunities won took a median of { $sales_cycle } days ({ $sales_cycle_interval }).
}
cycle-all = Of the { $n } created, half are closed, won or lost, by day { $time_to_close } ({ $time_to_close_interval }); the { $open } still open are kept as such.
cycle-all-not-reached = Of the { $n } created, { $open } are still open, and half of them are not closed within the time watched.
cycle-gap = Time to close differs from the sales cycle by { $gap } days ({ $gap_interval }): { $from_period } because those created in the period are others than those won in it, { $from_lost } because the lost count too, { $from_open } because the open count too.
cycle-gap-alone = Time to close differs from the sales cycle by { $gap } days ({ $gap_interval }).
cycle-before-record = { $n ->
    [one] One opportunity created before { $day } is
   *[other] { $n } opportunities created before { $day } are
} not in the time to close: closes are recorded since that day only, so of the earlier ones the book holds those that lived long.
cycle-too-few = With fewer than 10 won or created that is too few to judge.
cycle-interval = 95% interval { $interval }
cycle-no-interval = no interval
cycle-head-won = Won in the period
cycle-head-all = Created in the period
cycle-head-why = Time to close less sales cycle
cycle-median = median days
cycle-open = still open
cycle-p90 = P90
cycle-time-to-win = half of the wins by
cycle-gap-head = days
cycle-from-period = other ones
cycle-from-lost = lost counted
cycle-from-open = open kept
cycle-note = Time to close: Kaplan-Meier over all created, those still open kept. Half of the wins by: of those that will be won, where it is known how many.

## The pipeline over time
label-weighted-pipeline = Weighted pipeline (stated)
label-pipeline-created = Pipeline created
label-stated-probability = Stated probability
label-expected-pipeline = Weighted pipeline (observed)
label-due = Due in the period
label-pipeline-coverage = Pipeline coverage
label-velocity = Sales velocity, per day
label-step-start = Open at the start
label-step-created = Created
label-step-reopened = Reopened
label-step-recorded = First recorded
label-step-increased = Increased
label-step-pulled-in = Pulled in
label-step-pushed-out = Pushed out
label-step-decreased = Decreased
label-step-lost = Lost
label-step-won = Won
label-step-end = Open at the end
waterfall-title = { $book }: the open pipeline from { $start } to { $end }
waterfall = The open pipeline{ $kind ->
    [due] {" "}due in { $due }
   *[all] {""}
} went from { $start } ({ $n_start } opportunities) on the evening of { $first } to { $end } ({ $n_end }) on that of { $last }: { $change }.
waterfall-count = Open{ $kind ->
    [due] {" "}and due in { $due }
   *[all] {""}
} were { $n_start } opportunities on the evening of { $first } and { $n_end } on that of { $last }; what they are worth is not recorded on both days.
waterfall-part-count = { $step } { $n } (no amount)
waterfall-part = { $step } { $amount } ({ $n })
waterfall-in = What came in: { $parts }.
waterfall-out = What went out: { $parts }.
waterfall-nothing-in = Nothing came in.
waterfall-nothing-out = Nothing went out.
chart-waterfall = The open pipeline, { $unit }
chart-waterfall-due = The pipeline due in { $due }, { $unit }
chart-waterfall-ends = { $start } to { $end }
chart-waterfall-note = Evening to evening. Blue came in, orange went out, dark was won. Each opportunity moves with the amount it has at the end; one pushed out leaves with what it had at the start.
slips-title = { $book }: expected close dates that moved · { $period }
slips-move = The expected date
slips-moves = Moves
slips-share = Share of those watched
slips-days = Mean days moved
slips-note = Watched: open with an expected close date on record on some day of the period. Moves: between two entries of the stage history.
slips-no-dates = The stage history records no expected close dates, so whether they slip cannot be told: map close_date of stage_history in the book file.
slips-none-watched = No opportunity was open with an expected close date in { $period } in this scope, so none could slip.
label-move-slipped-month = slipped past its month
label-move-slipped-quarter = slipped past its quarter
label-move-pulled-in-month = pulled in to an earlier month
label-move-pulled-in-quarter = pulled in to an earlier quarter
label-move-within-month = moved within its month
slips = { $n } of { $watched } opportunities with an expected close date slipped past the end of its month: { $share } ({ $interval }), { $moves } times in all, worth { $amount }.
slips-quarter = { $n } ({ $share }) slipped past the end of a quarter; { $pulled } ({ $pulled_share }) were pulled in to an earlier month.
slips-outcome = Of the closed whose date slipped when it could first move, { $slipped } were won (n = { $n }); of the others of the same stages, { $others } (n = { $n_others }): { $word ->
    [lower] slipping goes with fewer wins
    [higher] slipping goes with more wins
   *[cannot_tell] no difference can be told from chance
} ({ $interval }).
slips-too-few = Too few of the closed had slipped, or had not, to compare what became of them; each takes { $least }.
pace-title = { $book }: { $period } on day { $day } of { $days }
pace-period = Period
pace-day = Same day
label-pace-booked = Booked until then
label-pace-created = Created until then
label-pace-due = Due in the period, open then
label-pace-final = Booked in the end
label-pace-share-of-final = Share of it by then
pace = On day { $day } of { $days } of { $period }, { $booked } are booked ({ $won } won). On that day the { $past } periods before had booked { $low } to { $high }, half of them { $median } or more: { $place ->
    [ahead] it is ahead of all { $past }, as 1 of { $chance } periods is by chance
    [behind] it is behind all { $past }, as 1 of { $chance } periods is by chance
   *[within] it is ahead of { $below } of { $past }, within what has been usual
}.
pace-too-few = On day { $day } of { $days } of { $period }, { $booked } are booked ({ $won } won). { $past ->
    [0] The book holds no whole period
    [one] The book holds one whole period
   *[other] The book holds { $past } whole periods
} before it; at least { $least } are needed for a comparison.
pace-reached = By that day the past periods had reached { $share_low } to { $share_high } of what they booked in the end, half of them { $share } or more.
pace-due = Open on that day and due in the period: { $due } now, { $due_low } to { $due_high } in the past ones (median { $due_median }).
chart-pace = Booked since the period began, { $unit }
chart-pace-axis = day of the period
chart-pace-now = { $period }: { $booked }
chart-pace-past = past { $n }
chart-pace-note = Grey: the { $past } periods before. Dotted: day { $day }, on which they are compared.
chart-pace-alone = No periods before it in the book.
stage-odds-title = { $book }: what is won of those who come to a stage
stage-odds-nobody = Nobody has come to an open stage yet, so what is won of them cannot be told.
stage-odds-age = Days in it
stage-odds-won = Won in the end
stage-odds-stated = Stated
stage-odds-note = Of those still in the stage after so many days, the share won in the end, those still open kept as unfinished.
stage-odds-verdict-too-high = stated too high
stage-odds-verdict-too-low = stated too low
stage-odds-verdict-in-line = in line
stage-odds-verdict-not-stated = not stated
stage-odds-verdict-too-few = too few
stage-odds-one = { $stage } (stated { $stated }, won { $value }, { $interval }, n = { $n })
stage-odds-too-high = The stated probability is too high for { $stages }.
stage-odds-too-low = The stated probability is too low for { $stages }.
stage-odds-in-line = The stated probabilities of all { $n } stages are in line with what was won.
stage-odds-too-few = No stage has seen { $least } opportunities, too few to judge the stated probabilities.
stage-odds-not-stated = The book file states no probabilities for the stages.
stage-odds-ageing = Waiting goes with other odds: of those in { $stage } for { $age } days, { $value } are won (n = { $n }), of all that come to it { $new }.
chart-calibration = Won in the end, of those who came to a stage{ $stated ->
    [yes] , against the stated probability
   *[no] {""}
}
chart-calibration-stated = stated
chart-calibration-note = Dot: share won, with 95% interval, open ones kept as unfinished. { $stated ->
    [yes] Stroke: stated. ▲ stated too low, ▼ stated too high; circle: in line. Hollow: fewer than { $least }.
   *[no] Hollow: fewer than { $least }.
}
chart-calibration-row = { $stage } stated { $stated }, won { $value } (n = { $n })
open-pipeline-title = { $book }: the open pipeline on { $day } · { $period }
open-pipeline-note = Win rate, deal size and cycle of the velocity: opportunities that closed in the period.
open-pipeline = { $open_opportunities } opportunities are open on { $day }, worth { $pipeline }; { $pipeline_created } were created in { $period } ({ $pipeline_created_n } with an amount).
open-pipeline-due-unrecorded = What of it is due in { $period } cannot be told: not one of those due has a recorded amount.
open-pipeline-open = { $open_opportunities } opportunities are open on { $day }, worth { $pipeline }.
open-pipeline-worth = Weighted by the stated probabilities that is { $weighted_pipeline }; by what was won of those in the same stage for as long, { $expected_pipeline } ({ $interval }, n = { $expected_pipeline_n }).
open-pipeline-expected = Weighted by what was won of those in the same stage for as long, that is { $expected_pipeline } ({ $interval }, n = { $expected_pipeline_n }); the book states no probabilities.
open-pipeline-no-odds = What it is worth by past odds cannot be told: fewer than 10 have come to the stages it is in.
open-pipeline-coverage = { $due } of it are due in { $period }: { $pipeline_coverage } of the { $quota } of quota less the { $bookings } booked.
open-pipeline-coverage-coming = { $due } of it are due in { $period }: { $pipeline_coverage } of its quota of { $quota }.
open-pipeline-reached = { $bookings } are booked in { $period } of a quota of { $quota }: nothing is left to cover.
open-pipeline-no-quota = No quota is set for { $period }, so coverage cannot be told; { $due } are due in it.
open-pipeline-velocity = At the win rate ({ $win_rate }), deal size ({ $average_deal_size }) and cycle ({ $mean_sales_cycle } days) of what closed in { $period }, the open ones bring { $velocity } a day { $few ->
    [True] (too few won for an interval, n = { $velocity_n })
   *[False] ({ $interval }, n = { $velocity_n })
}.
open-pipeline-aged = What they bring a day cannot be told: { $old } of the { $open_opportunities } are older than nineteen in twenty were when they closed ({ $days } days), so the rates of those do not hold for them.
open-pipeline-no-velocity = Nothing with an amount and a known start was won in { $period }, so the velocity is undefined.
open-pipeline-most = Most of the open amount lies with { $name }: { $amount } of { $total } ({ $share }, { $groups } groups).
open-pipeline-nothing = Nothing is open on { $day }.
open-pipeline-count = { $open_opportunities } opportunities are open on { $day }. { $why }
open-pipeline-empty = Nothing with an amount is open.
hygiene-title = { $book }: stale and untidy opportunities on { $day }
hygiene-check = What is wrong
hygiene-share = Share of the open
hygiene-amount-share = Share of the amount
label-check-overlong = Open longer than 95% of the wins took
label-check-overdue = Expected to close in the past
label-check-no-close-date = No expected close date
label-check-no-amount = No amount
label-check-untouched = Never touched
label-check-skipped = Stage skipped
label-check-no-owner = Nobody owns it
label-check-owner-gone = Its owner has left
label-check-any = Any of these
pace-no-dates = The stage history records no expected close dates, so what was due by then in past periods cannot be told: map close_date of stage_history in the book file.
waterfall-amounts-now = The stage history records no amounts: each opportunity counts with its amount as last known. Map amount of stage_history in the book file to see how amounts changed.
hygiene-unrecorded = Not one of the { $n } open opportunities has { $what }, so that is not counted: it seems not to be recorded.
hygiene-what-no_close_date = an expected close date
hygiene-what-no_amount = an amount
hygiene-what-no_owner = an owner
findings-nothing = None of the key figures can be measured in this book, so nothing can be judged here.
hygiene-nothing-open = Nothing is open, so there is nothing to tidy up.
hygiene-few-wins = Only { $n } won opportunities have a known cycle; to say what is too long takes { $least }.
hygiene-none = None of the { $of } open opportunities is stale or untidy.
hygiene = { $n } of { $of } open opportunities are stale or untidy: { $share } ({ $interval }), worth { $amount }, { $amount_share } of the open amount.
hygiene-of-nothing = { $n } of { $of } open opportunities are stale or untidy: { $share } ({ $interval }). The amounts of all that are open come to 0.
hygiene-count = { $n } of { $of } open opportunities are stale or untidy: { $share } ({ $interval }). What the open ones are worth is not recorded.
hygiene-one-count = { $check }: { $n }
hygiene-checks = By what is wrong: { $checks }.
hygiene-one = { $check }: { $n } ({ $amount })
hygiene-unpriced = no amount: { $n }
hygiene-what = The most value first: { $checks }.
hygiene-long = Too long is more than { $days } days: 95% of the wins took less.

## Charts of queues, time in stage and cycle
chart-queues = Who waits in which stage
chart-queues-axis = opportunities waiting
chart-queues-short = up to the usual median
chart-queues-long = longer
chart-queues-very-long = longer than 9 in 10
chart-queues-row = { $name } { $n } (usual { $usual })
chart-queues-says = Waiting by stage: { $rows }.
chart-queues-note = Bars: opportunities by how long they have been in the stage, against how long they usually stay. Black mark: how many would wait at the usual pace. Right: their value.
chart-stay = Time in each stage
chart-stay-before = ↳ { $group } before
chart-stay-since = ↳ { $group } since { $since }
chart-stay-at-least = >{ $days }
chart-stay-row = { $name } { $days }
chart-stay-says = Median days in stage: { $rows }.
chart-stay-note = Dot: median, with 95% interval (Kaplan-Meier, those still there kept). Upright stroke: P90. Rows below a stage: before and since a change.
chart-stay-few = Light grey: too few to judge.
chart-cycle = What has become of opportunities since they were created
chart-cycle-axis = days since created
chart-cycle-won = won
chart-cycle-open = still open
chart-cycle-lost = lost
chart-cycle-sales-cycle = won: median { $days }
chart-cycle-time-to-close = all: half closed by { $days }
chart-cycle-note = Shares of { $n } opportunities created in the period (Aalen-Johansen, those still open kept). Dashed: median of those won in the period.
chart-cycle-note-groups = Medians with 95% interval; n: created in the period. Grey: too few to judge.
chart-cycle-key-sales-cycle = won: sales cycle
chart-cycle-key-time-to-close = all: time to close

## Lost opportunities that are not recorded
losses-unrecorded = No opportunity of this book was lost, of { $closed } closed: the lost ones seem not to be recorded, and won out of closed would say nothing. Add them to the source.
open-unrecorded = All { $closed } opportunities of this book were won: neither the lost nor the open ones seem to be recorded, so what is open cannot be told. Add them to the source.
leads-undated = None of the { $n } leads of this book has a day as { $column ->
    [marketing_qualified_at] MQL
    [sales_qualified_at] SQL
   *[other] opportunity
}: map { $column } in the book file to get this rate.
rows-unrecorded = { $n ->
    [one] The one { $table ->
        [leads] lead
        [activities] activity
       *[other] opportunity
    } that counts { $where } has no recorded { $what }.
   *[other] Not one of the { $count } { $table ->
        [leads] leads
        [activities] activities
       *[other] opportunities
    } that count { $where } has a recorded { $what }.
}
rows-partly-recorded = Only { $k } of the { $count } { $table ->
    [leads] leads
    [activities] activities
   *[other] opportunities
} that count { $where } { $one ->
    [yes] has
   *[no] have
} a recorded { $what }{ $sided ->
    [yes] , and one side of the rate has none: it cannot be told.
   *[no] .
}
rows-here = here
no-figure = no figure
rows-in = in { $period }
recorded-amount = amount
recorded-amount-above-0 = amount above 0
recorded-created-date = creation day
recorded-minutes = duration
recorded-minutes-above-0 = duration above 0
recorded-stated-probability = stated probability
created-when-closed = All of the { $n } closed opportunities were created on the day on which they closed: the day of creation seems not to be recorded, so how long they took cannot be told.
created-of-none-closed = Not one of the { $n } closed opportunities has a creation day, though some of the open ones have: what was created in a period, and what became of it, cannot be told.
steps-of-lost-unrecorded = The stage history knows none of the { $n } lost opportunities in a stage before it was lost. It seems to hold only the last stage of each, so who left where cannot be told.
column-unrecorded = Not one of the { $n } { $table } of this book has a value in { $column }. Without it this figure cannot be told: record it at the source and map it in the book file.
amounts-unrecorded = No opportunity of this book has an amount, of { $n }. Figures of money need amounts: record them at the source and map their column in the book file.

## Funnel
funnel-title = { $book } · funnel of those who began in { $period }
funnel-column-cohort = Of
funnel-column-open = Still there
funnel-column-cumulative = Comes so far
funnel-column-amount = Value
funnel-nobody = Nobody came to the first step in { $period }.
funnel-leads-scope = Leads are not followed here: they know { $column } only once they have become an opportunity.
funnel-leads-unqualified = Leads are not followed: none of them has a day on which it was qualified or became an opportunity.
funnel-opportunities = Of { $n } opportunities that came to { $first } in { $period }, { $still ->
    [0] { $share } were won (95% interval { $interval }): { $came } won, { $left } left, none is open.
   *[other] an estimated { $share } are won within { $days } (95% interval { $interval }): { $came } are won so far, { $left } have left, { $open } are still open.
}
funnel-opportunities-few = Only { $n } opportunities came to { $first } in { $period }: too few to judge. { $came } are won, { $left } have left, { $open } are still open.
funnel-leads = Of the { $n } leads of { $period }, { $still ->
    [0] { $share } came to { $last } (95% interval { $interval }): { $came } did, { $left } left on the way, none is open.
   *[other] an estimated { $share } come to { $last } within { $days } (95% interval { $interval }): { $came } have so far, { $left } have left on the way, { $open } are still open.
}
funnel-leads-few = Only { $n } leads came in during { $period }: too few to judge. { $came } came to { $last }, { $left } left on the way, { $open } are still open.
funnel-leads-steps = On their way the leads come to { $steps }.
funnel-by-value = By value, { $share } of { $amount } is won (95% interval { $interval }), at the amounts last known{ $without ->
    [0] .
    [one] ; one opportunity has no amount and does not count.
   *[other] ; { $without } have no amount and do not count.
}
funnel-narrowest = The narrowest step is { $step }: { $share } of the { $n } that came to it go on within { $days } (95% interval { $interval }).
funnel-narrowest-close = The smallest share goes on from { $step }: { $share } of { $n } within { $days } (95% interval { $interval }); it cannot be told from { $others }.
funnel-groups = { $cohort } come to { $last } most often in { $most } ({ $most_share }, 95% interval { $most_interval }) and least often in { $least } ({ $least_share }, { $least_interval }), by more than chance.
funnel-groups-alike = { $cohort }: the { $groups } groups cannot be told apart by who comes to { $last }: from { $least } ({ $least_share }, 95% interval { $least_interval }) to { $most } ({ $most_share }, { $most_interval }).
funnel-up-next = From { $step } more { $cohort } go on in { $this } than in { $other }: { $after } against { $before }{ $limit ->
    [yes] {" "}within { $days }
   *[no] {""}
} ({ $change }, 95% interval { $interval }).
funnel-down-next = From { $step } fewer { $cohort } go on in { $this } than in { $other }: { $after } against { $before }{ $limit ->
    [yes] {" "}within { $days }
   *[no] {""}
} ({ $change }, 95% interval { $interval }).
funnel-up-cumulative = More { $cohort } come to { $step } in { $this } than in { $other }: { $after } against { $before }{ $limit ->
    [yes] {" "}within { $days }
   *[no] {""}
} ({ $change }, 95% interval { $interval }).
funnel-down-cumulative = Fewer { $cohort } come to { $step } in { $this } than in { $other }: { $after } against { $before }{ $limit ->
    [yes] {" "}within { $days }
   *[no] {""}
} ({ $change }, 95% interval { $interval }).
funnel-against-alike = Against { $other } no difference can be told from chance at any step, each read after the same number of days ({ $n } comparisons).
funnel-against-few = Nothing can be said of { $this } against { $other }: too few came to any step in one of them.
funnel-skipped = { $n ->
    [one] One step was skipped by { $cohort } and is
   *[other] { $n } steps were skipped by { $cohort } and are
} taken as passed on the day of the next one.
funnel-visited-only = { $n ->
    [one] One step was skipped by { $cohort } and does
   *[other] { $n } steps were skipped by { $cohort } and do
} not count as come to.
before-record = { $n ->
    [one] One opportunity created before { $day } is
   *[other] { $n } opportunities created before { $day } are
} left out: closes are recorded since that day only, so of the earlier ones the book holds those that lived long.
funnel-without-history = { $n ->
    [one] One opportunity created then has no recorded stage and is
   *[other] { $n } opportunities created then have no recorded stage and are
} not in it.

## Where prospects leave
leaks-title = { $book } · where prospects leave · steps begun in { $period }
leaks-column-left = Left
leaks-column-week = Leaves within a week
leaks-column-half = Days to half of it
leaks-column-amount = Value left
leaks-nobody = Nobody came to any step in { $period }.
leaks-few = { $n ->
    [0] None of the { $cohort } that came to a step in { $period } has left there.
    [one] Only one of the { $cohort } that came to a step in { $period } has left there: too few to name a leak.
   *[other] Only { $left } of the { $cohort } that came to a step in { $period } have left there: too few to name a leak.
}
leaks-one-step = { $left } { $cohort } left after coming to a step in { $period }; too few came to more than one step to name a biggest leak.
leaks-biggest = Of { $left } { $cohort } that left after coming to a step in { $period }, most left at { $step }: { $here } ({ $part }){ $close ->
    [0] .
   *[other] , which cannot be told from { $others }.
}
leaks-largest-share = Of those that come to a step, the largest share leaves at { $step }: { $share } within { $days } (95% interval { $interval }; n = { $entered }, { $open } still there){ $close ->
    [0] .
   *[other] , which cannot be told from { $others }.
}
leaks-fastest = They leave fastest at { $step }: { $share } of those that come leave within a week (95% interval { $interval }), half of all that leave there within { $half }{ $close ->
    [0] .
   *[other] ; it cannot be told from { $others }.
}
leaks-value = { $amount } left with them, at the amounts last known, most of it at { $step } ({ $part }){ $without ->
    [0] .
    [one] ; one that left has no amount and does not count.
   *[other] ; { $without } that left have no amount and do not count.
}
leaks-reasons = Why, as recorded: { $reasons }.{ $unrecorded ->
    [0] {""}
   *[other] {" "}Of { $left }, { $none } ({ $none_share }) give no reason.
}
leaks-reason = { $reason } ({ $n }, { $share })
leaks-reason-worth = { $reason } ({ $n }, { $share }; { $worth } of the value)
leaks-no-reasons = Why they left is not recorded for any of the { $left }.
leaks-above = By { $by }, a larger share leaves than the same steps lose elsewhere: { $groups }.
leaks-below = By { $by }, a smaller share leaves than the same steps lose elsewhere: { $groups }.
leaks-group = { $name } ({ $share } a step, { $expected } expected)
leaks-alike = By { $by }, no group can be told apart from what its steps let expect.
leaks-pareto = By { $by }, { $share } of the value that left was in { $needed ->
    [one] one
   *[other] { $needed }
} of { $of }: { $names }.

## Charts of the funnel and its leaks
chart-funnel = Funnel: who comes to each step
chart-funnel-axis = of those who began, percent
chart-funnel-step = { $step } { $share } (n = { $n })
chart-funnel-says = Of those who began, come to each step: { $steps }.
chart-funnel-note = Line: 95% interval.{ $worth ->
    [yes] {" "}◇ by value.
   *[no] {""}
} Open ones are kept: shares are estimates at the longest time observed. n: came to it so far. { $rule ->
    [visited] Skipped steps do not count.
   *[implied] A skipped step counts as passed.
}
chart-leaks = How fast prospects leave, step by step
chart-leaks-left = left
chart-leaks-axis = of those that come, leaving within a week, percent
chart-leaks-row = { $step } { $left } left ({ $share } of those that came), { $week } within a week
chart-leaks-says = Left at each step: { $rows }.
chart-leaks-note = Dot: of those that come, the share that leaves within a week, with 95% interval; grey: too few. At the left how many left, at the right the value that left with them.
chart-leaks-by = Value that left, by { $by }
chart-leaks-value-axis = of the value that left, percent
chart-leaks-no-value = Nothing that left has an amount.
chart-leaks-by-says = { $amount } left: { $rows }.
chart-leaks-by-note = Bars: share of the value that left; line and figures: added up from the top.{ $marked ->
    [yes] {" "}Orange: a larger share leaves than the same steps lose elsewhere.
   *[no] {""}
}{ $more ->
    [0] {""}
   *[other] {" "}{ $more } more are not drawn.
}
