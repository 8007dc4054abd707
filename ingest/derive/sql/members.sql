-- The instances of one chunk of series, in slice order.
CREATE TABLE members AS
WITH chosen AS (
    SELECT instance_id, series
    FROM live
    SEMI JOIN (SELECT series FROM chunks WHERE chunk = getvariable('chunk')) USING (series)
),
found AS (
    SELECT
        series, instance_id, header_id, SOPInstanceUID, truncation, acquisition_datetime,
        InstanceNumber, finite(slice_position_mm) AS slice_position_mm
    FROM instances JOIN chosen USING (instance_id)
)
SELECT
    series,
    instance_id,
    header_id,
    SOPInstanceUID,
    truncation,
    slice_position_mm,
    row_number() OVER in_slice_order AS slice_order,
    count(*) OVER (PARTITION BY series) AS n_instances
FROM found
WINDOW in_slice_order AS (
    PARTITION BY series
    ORDER BY
        slice_position_mm NULLS LAST,
        acquisition_datetime NULLS LAST,
        InstanceNumber NULLS LAST,
        SOPInstanceUID NULLS LAST,
        instance_id
);
