-- The most frequent study descriptions, with how many studies have them.
SELECT StudyDescription AS description, count(*) AS studies
FROM studies
GROUP BY description
ORDER BY studies DESC, description NULLS LAST
LIMIT $most
