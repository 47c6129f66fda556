SELECT
  "t1"."key_0",
  "t1"."key_1",
  SUM(CAST("t1"."won" AS BIGINT)) AS "part_0",
  SUM(CAST("t1"."closed" AS BIGINT)) AS "part_1",
  COUNT(
    CASE
      WHEN COALESCE("t1"."won", FALSE)
      THEN "t1"."amount"
      ELSE CAST(NULL AS DOUBLE)
    END
  ) AS "part_2",
  SUM(
    CASE
      WHEN COALESCE("t1"."won", FALSE)
      THEN "t1"."amount"
      ELSE CAST(NULL AS DOUBLE)
    END
  ) AS "part_3",
  SUM(
    CASE
      WHEN COALESCE("t1"."won", FALSE)
      THEN "t1"."amount"
      ELSE CAST(NULL AS DOUBLE)
    END * CASE
      WHEN COALESCE("t1"."won", FALSE)
      THEN "t1"."amount"
      ELSE CAST(NULL AS DOUBLE)
    END
  ) AS "part_4",
  COUNT(CASE WHEN COALESCE("t1"."won", FALSE) THEN 1 ELSE CAST(NULL AS BIGINT) END) AS "part_5",
  COUNT(
    CASE
      WHEN COALESCE("t1"."won" AND (
        "t1"."amount" IS NOT NULL
      ), FALSE)
      THEN 1
      ELSE CAST(NULL AS BIGINT)
    END
  ) AS "part_6"
FROM (
  SELECT
    "t0"."opportunity_id",
    "t0"."name",
    "t0"."account_id",
    "t0"."rep_id",
    "t0"."lead_id",
    "t0"."territory_id",
    "t0"."pipeline",
    "t0"."segment",
    "t0"."source",
    "t0"."product",
    "t0"."type",
    "t0"."amount",
    "t0"."currency",
    "t0"."created_date",
    "t0"."close_date",
    "t0"."stage",
    "t0"."lost_reason",
    "t0"."probability",
    "t0"."next_step",
    "t0"."status",
    "t0"."stated_probability",
    "t0"."won",
    "t0"."lost",
    "t0"."closed",
    "t0"."open",
    "t0"."observed_days",
    "t0"."cycle_days",
    "t0"."idle_days",
    "t0"."rep_id" AS "key_0",
    DATE_TRUNC('MONTH', "t0"."close_date") AS "key_1"
  FROM "memory"."main"."opportunities" AS "t0"
  WHERE
    "t0"."close_date" >= MAKE_DATE(2026, 4, 1)
    AND "t0"."close_date" < MAKE_DATE(2026, 7, 1)
) AS "t1"
GROUP BY
  1,
  2
