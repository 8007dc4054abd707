-- Where the frames of the multi-frame instances of one series ($study, $series) lie: position along
-- the normal, first voxel, and the normal, which is the cross product of rows and columns.
WITH members AS MATERIALIZED (
    SELECT instance_id
    FROM instances
    WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
        AND SeriesInstanceUID IS NOT DISTINCT FROM nullif($series, 'none')
)
SELECT
    instance_id,
    slice_position_mm,
    ImagePositionPatient,
    CASE WHEN len(o) = 6 THEN
        [o[2] * o[6] - o[3] * o[5], o[3] * o[4] - o[1] * o[6], o[1] * o[5] - o[2] * o[4]]
    END AS slice_normal
FROM (SELECT *, ImageOrientationPatient AS o FROM frames)
SEMI JOIN members USING (instance_id)
ORDER BY instance_id, frame
