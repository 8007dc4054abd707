-- Slices (images and frames of images) in all and per study: sum, median, and studies by size.
WITH counted AS (
    SELECT StudyInstanceUID, coalesce(sum(n_frames_sum), 0)::BIGINT AS slices
    FROM series
    GROUP BY StudyInstanceUID
),
whole AS (
    SELECT
        sum(slices)::BIGINT AS all_slices,
        median(slices) FILTER (slices > 0) AS median,
        max(slices) AS most,
        count(*) FILTER (slices = 0) AS without_images
    FROM counted
)
SELECT
    CASE
        WHEN slices <= 10 THEN 10 WHEN slices <= 50 THEN 50 WHEN slices <= 100 THEN 100
        WHEN slices <= 250 THEN 250 WHEN slices <= 500 THEN 500 WHEN slices <= 1000 THEN 1000
        WHEN slices <= 2500 THEN 2500
    END AS up_to,
    count(*) FILTER (slices > 0) AS studies,
    any_value(all_slices) AS all_slices,
    any_value(median) AS median,
    any_value(most) AS most,
    any_value(without_images) AS without_images
FROM counted CROSS JOIN whole
GROUP BY up_to
ORDER BY up_to NULLS LAST
