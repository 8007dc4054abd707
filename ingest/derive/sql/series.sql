-- A row for every series of a chunk, or for those with several instances. Its aggregates are written
-- by aggregation.py from what the schema says about each column of instances; n_findings comes at
-- the end. Open and identifying columns are aggregated apart, so that no wide rows have to
-- be joined.
CREATE TEMP TABLE several AS
WITH open_part AS (
    SELECT
        m.series,
        count(*) AS n_instances,
        count(DISTINCT m.header_id) AS n_headers,
        min(m.SOPInstanceUID) FILTER (m.slice_order = 1) AS FirstSOPInstanceUID,
        min(m.SOPInstanceUID) FILTER (m.slice_order = m.n_instances // 2 + 1)
            AS MiddleSOPInstanceUID{open_values}
    FROM members AS m JOIN open_values AS i USING (instance_id)
    WHERE m.n_instances >= getvariable('at_least')
    GROUP BY m.series
),
phi_part AS (
    SELECT m.series{phi_values}
    FROM members AS m JOIN phi_values AS p USING (instance_id)
    WHERE m.n_instances >= getvariable('at_least')
    GROUP BY m.series
)
SELECT
    open_part.* EXCLUDE (series),
    phi_part.* EXCLUDE (series),
    coalesce(n_slice_positions, 0) AS n_slice_positions,
    finite(slice_spacing_mm) AS slice_spacing_mm,
    minutes(acquisition_datetime_min, acquisition_datetime_max) AS scan_duration_minutes,
    private_profile
FROM open_part
LEFT JOIN phi_part USING (series)
LEFT JOIN spacing USING (series)
LEFT JOIN private_of USING (series);
