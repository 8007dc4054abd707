-- Series of MR to be classified: the place of each in series.parquet, and of which study it is.
-- What a series is depends on the others of its study, so all series of a study are done or none.
SELECT q.nth - 1 AS place, q.StudyInstanceUID
FROM quality_source AS q
WHERE upper(trim(q.Modality)) = 'MR' AND {chosen}
ORDER BY place
