"""Definitions only, one file per question. Importing this room enters every metric in the registry."""

from salestrack.metrics.activity import (
    activity_count,
    activity_hours,
    logged_time_share,
    selling_share_of_working_time,
    selling_time_share,
    working_hours,
)
from salestrack.metrics.closing import (
    average_closed_amount,
    average_deal_size,
    bookings,
    close_rate,
    closed_opportunities,
    created_opportunities,
    mean_sales_cycle,
    median_deal_size,
    sales_cycle,
    win_rate,
    win_rate_by_amount,
    won_opportunities,
    won_share_of_all,
)
from salestrack.metrics.funnel import (
    created_leads,
    leakage,
    marketing_qualification_rate,
    opportunity_rate,
    sales_qualification_rate,
    speed_to_lead,
    stage_conversion,
)
from salestrack.metrics.pipeline import (
    idle_share,
    idle_share_by_amount,
    open_opportunities,
    pipeline,
    pipeline_created,
    weighted_pipeline,
)
from salestrack.metrics.quota import (
    mean_quota_attainment,
    prorated_quota_attainment,
    prorated_share_of_reps_at_quota,
    quota,
    quota_attainment,
    share_of_reps_at_quota,
)

# The five that the field starts from.
FIVE = (share_of_reps_at_quota, average_deal_size, win_rate, bookings, leakage)

# These mean nothing where no opportunity of a book has an amount: sums of nothing would look like sales of nothing.
REST_ON_AMOUNT = (
    average_closed_amount, average_deal_size, bookings, idle_share_by_amount, mean_quota_attainment, median_deal_size, pipeline,
    pipeline_created, prorated_quota_attainment, prorated_share_of_reps_at_quota, quota_attainment, share_of_reps_at_quota,
    weighted_pipeline, win_rate_by_amount,
)  # fmt: skip

# These mean nothing where no lead of a book has the day that they wait for: nobody wrote it down.
REST_ON_DAY = {
    marketing_qualification_rate: "marketing_qualified_at",
    sales_qualification_rate: "sales_qualified_at",
    opportunity_rate: "converted_at",
}

__all__ = [
    "FIVE",
    "activity_count",
    "activity_hours",
    "average_closed_amount",
    "average_deal_size",
    "bookings",
    "close_rate",
    "closed_opportunities",
    "created_leads",
    "created_opportunities",
    "idle_share",
    "idle_share_by_amount",
    "leakage",
    "logged_time_share",
    "marketing_qualification_rate",
    "mean_quota_attainment",
    "mean_sales_cycle",
    "median_deal_size",
    "open_opportunities",
    "opportunity_rate",
    "pipeline",
    "pipeline_created",
    "prorated_quota_attainment",
    "prorated_share_of_reps_at_quota",
    "quota",
    "quota_attainment",
    "sales_cycle",
    "sales_qualification_rate",
    "selling_share_of_working_time",
    "selling_time_share",
    "share_of_reps_at_quota",
    "speed_to_lead",
    "stage_conversion",
    "weighted_pipeline",
    "win_rate",
    "win_rate_by_amount",
    "won_opportunities",
    "won_share_of_all",
    "working_hours",
]
