-- Series of MR to be classified, in the order in which series are written: where the row of each is,
-- and of which study it is. What a series is depends on the others of its study, so all series of a
-- study are done or none.
SELECT s.run, s.place, s.StudyInstanceUID
FROM series AS s
WHERE upper(trim(s.Modality)) = 'MR' AND {chosen}
ORDER BY s.StudyInstanceUID NULLS FIRST, s.SeriesInstanceUID NULLS FIRST
