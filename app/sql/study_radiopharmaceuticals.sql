-- What was injected, by all that the headers of one study ($study) say about it, and in how many
-- series they say so. New columns of the table radiopharmaceuticals come along by themselves.
WITH members AS MATERIALIZED (
    SELECT DISTINCT header_id, SeriesInstanceUID
    FROM instances
    WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
),
told AS (
    SELECT DISTINCT r.* EXCLUDE (header_id), SeriesInstanceUID
    FROM radiopharmaceuticals AS r JOIN members USING (header_id)
)
SELECT * EXCLUDE (SeriesInstanceUID), count(*) AS n_series
FROM told
GROUP BY ALL
ORDER BY item, n_series DESC, Radiopharmaceutical
