-- Activity given and weight of the studies that have both, at most $most of them, evenly chosen;
-- how many there are in all is in each row.
SELECT
    weight_kg,
    injected_activity_MBq,
    Radiopharmaceutical AS radiopharmaceutical,
    StudyDescription,
    StudyDate,
    count() OVER () AS n_all
FROM studies
WHERE is_radiopharmaceutical AND weight_kg > 0 AND injected_activity_MBq > 0
ORDER BY hash(StudyInstanceUID), StudyInstanceUID
LIMIT $most
