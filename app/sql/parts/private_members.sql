members AS MATERIALIZED (
    SELECT instance_id, header_id, hash(StudyInstanceUID, SeriesInstanceUID) AS series
    FROM instances
)
