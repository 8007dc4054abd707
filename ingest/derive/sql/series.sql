-- A row for every series of a chunk. Its aggregates and differences are written by aggregation.py
-- from what the schema says about each column of instances; n_findings is filled in at the end.
INSERT INTO new_series BY NAME
WITH described AS (
    SELECT
        m.series,
        count(*) AS n_instances,
        count(DISTINCT m.header_id) AS n_headers,
        min(m.SOPInstanceUID) FILTER (m.slice_order = 1) AS FirstSOPInstanceUID,
        min(m.SOPInstanceUID) FILTER (m.slice_order = m.n_instances // 2 + 1) AS MiddleSOPInstanceUID,
        {differences} AS differences,
        {aggregates}
    FROM members AS m
    JOIN instances AS i USING (instance_id)
    LEFT JOIN instance_identities AS p USING (instance_id)
    GROUP BY m.series
),
-- where frames have positions they count, not that of their instance, which is the first frame's
frame_positions AS (
    SELECT m.series, m.instance_id, finite(f.slice_position_mm) AS position
    FROM frames AS f JOIN members AS m USING (instance_id)
    WHERE isfinite(f.slice_position_mm)
),
positions AS (
    SELECT series, position FROM frame_positions
    UNION ALL
    SELECT series, slice_position_mm FROM members ANTI JOIN frame_positions USING (instance_id)
),
distinct_positions AS (
    SELECT series, min(position) AS position
    FROM positions
    WHERE position IS NOT NULL
    GROUP BY series, round(position, 2)
),
steps AS (
    SELECT series, position - lag(position) OVER (PARTITION BY series ORDER BY position) AS step
    FROM distinct_positions
),
spacing AS (
    SELECT series, count(*) AS n_slice_positions, round(median(step), 4) AS slice_spacing_mm
    FROM steps
    GROUP BY series
)
SELECT
    described.* EXCLUDE (series),
    coalesce(n_slice_positions, 0) AS n_slice_positions,
    finite(slice_spacing_mm) AS slice_spacing_mm,
    epoch(acquisition_datetime_max - acquisition_datetime_min) / 60 AS scan_duration_minutes
FROM described LEFT JOIN spacing USING (series);
