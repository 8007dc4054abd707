-- Series by what they say about identity in their pixels.
WITH
{kinds_of_series}
SELECT 'burned' AS kind, kind_burned AS value, count(*) AS n
FROM kinds
GROUP BY kind_burned
ORDER BY n DESC, value
