-- How many studies of nuclear medicine are in each class and have each reason to be looked at (any:
-- with a reason). The parameters are the ideal ranges.
WITH
{nuclear_studies}
SELECT
    unnest(list_concat(classes, nuclear_reasons, if(len(nuclear_reasons) > 0, ['any'], [])))
        AS class,
    count() AS studies
FROM nuclear
GROUP BY class
ORDER BY class
