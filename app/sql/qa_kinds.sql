-- How many studies there are of each kind, by what their representative series says: modality,
-- manufacturer, radiopharmaceutical, sex, age, hour, $period of the study date (year, month or day),
-- score, and how they were de-identified.
WITH
{kinds_of_studies},
counted AS (
    SELECT
        CASE
            WHEN grouping(kind_modality) = 0 THEN 'modality'
            WHEN grouping(kind_manufacturer) = 0 THEN 'manufacturer'
            WHEN grouping(kind_radiopharmaceutical) = 0 THEN 'radiopharmaceutical'
            WHEN grouping(kind_sex) = 0 THEN 'sex'
            WHEN grouping(kind_age) = 0 THEN 'age'
            WHEN grouping(kind_hour) = 0 THEN 'hour'
            WHEN grouping(kind_score) = 0 THEN 'score'
            WHEN grouping(kind_identity) = 0 THEN 'identity'
            WHEN grouping(kind_dates) = 0 THEN 'dates'
            WHEN grouping(kind_method) = 0 THEN 'method'
            WHEN grouping(kind_missed) = 0 THEN 'missed'
            ELSE $period
        END AS kind,
        coalesce(
            kind_modality, kind_manufacturer, kind_radiopharmaceutical, kind_sex, kind_age,
            kind_hour, kind_score, kind_identity, kind_dates, kind_method, kind_missed, kind_period
        ) AS value,
        count(*) AS n
    FROM (
        SELECT
            *,
            CASE $period WHEN 'year' THEN kind_year WHEN 'month' THEN kind_month ELSE kind_day END
                AS kind_period,
            -- Counted as lists, of which there are few, and taken apart then.
            nullif(array_to_string(qa_missed, ','), '') AS kind_missed
        FROM kinds
    )
    GROUP BY GROUPING SETS (
        (kind_modality), (kind_manufacturer), (kind_radiopharmaceutical), (kind_sex), (kind_age),
        (kind_hour), (kind_score), (kind_identity), (kind_dates), (kind_method), (kind_missed),
        (kind_period)
    )
)
SELECT kind, value, n
FROM counted
WHERE kind <> 'missed' AND value IS NOT NULL
UNION ALL
SELECT 'missed', missed, sum(n)::BIGINT
FROM (SELECT unnest(string_split(value, ',')) AS missed, n FROM counted WHERE kind = 'missed')
GROUP BY missed
ORDER BY kind, n DESC, value
