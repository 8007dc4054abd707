-- A row for every series of a chunk. Its aggregates and differences are written by aggregation.py
-- from what the schema says about each column of instances; n_findings is filled in at the end.
-- Open and identifying columns are aggregated apart, so that no wide rows have to be joined.
INSERT INTO new_series BY NAME
WITH open_part AS (
    SELECT
        m.series,
        count(*) AS n_instances,
        count(DISTINCT m.header_id) AS n_headers,
        min(m.SOPInstanceUID) FILTER (m.slice_order = 1) AS FirstSOPInstanceUID,
        min(m.SOPInstanceUID) FILTER (m.slice_order = m.n_instances // 2 + 1)
            AS MiddleSOPInstanceUID,
        {open_differences} AS open_differences,
        {open_aggregates}
    FROM members AS m JOIN instances AS i USING (instance_id)
    GROUP BY m.series
),
phi_part AS (
    SELECT
        m.series,
        {phi_differences} AS phi_differences,
        {phi_aggregates}
    FROM members AS m JOIN instance_identities AS i USING (instance_id)
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
    open_part.* EXCLUDE (series, open_differences),
    phi_part.* EXCLUDE (series, phi_differences),
    list_concat(open_differences, phi_differences) AS differences,
    coalesce(n_slice_positions, 0) AS n_slice_positions,
    finite(slice_spacing_mm) AS slice_spacing_mm,
    (epoch_us(acquisition_datetime_max) - epoch_us(acquisition_datetime_min)) / 60e6
        AS scan_duration_minutes
FROM open_part LEFT JOIN phi_part USING (series) LEFT JOIN spacing USING (series);
