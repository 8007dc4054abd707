-- Activity given and weight of the studies in which both together are plausible, at most $most of them, evenly chosen;
-- how many there are in all is in each row.
SELECT
    weight_kg,
    injected_activity_MBq,
    Radiopharmaceutical AS radiopharmaceutical,
    StudyDescription,
    StudyDate,
    count() OVER () AS n_all
FROM studies
WHERE is_radiopharmaceutical AND dose_status = 'ok'
ORDER BY hash(StudyInstanceUID), StudyInstanceUID
LIMIT $most
