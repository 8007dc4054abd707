-- Slice positions of the series of a chunk. Where frames have positions they count, not that of
-- their instance, which is the first frame's.
CREATE TABLE spacing AS
WITH frame_positions AS (
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
)
SELECT series, count(*) AS n_slice_positions, round(median(step), 4) AS slice_spacing_mm
FROM steps
GROUP BY series;
