-- A row for every series of a chunk that has one instance: what series.sql gives, without anything
-- to aggregate. The first and the middle instance are that one.
SELECT
    m.n_instances,
    1::BIGINT AS n_headers,
    m.SOPInstanceUID AS FirstSOPInstanceUID,
    m.SOPInstanceUID AS MiddleSOPInstanceUID,
    coalesce(n_slice_positions, 0) AS n_slice_positions,
    finite(slice_spacing_mm) AS slice_spacing_mm,
    minutes(i.acquisition_datetime, i.acquisition_datetime) AS scan_duration_minutes,
    private_profile{values}
FROM members AS m
JOIN open_values AS i USING (instance_id)
LEFT JOIN phi_values AS p USING (instance_id)
LEFT JOIN spacing USING (series)
LEFT JOIN private_of USING (series)
WHERE m.n_instances = 1;
