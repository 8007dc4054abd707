-- Which classes of MR some studies have ($studies, with | between their UIDs), and how many of each.
SELECT
    StudyInstanceUID,
    list(sequenceClass ORDER BY sequenceClass) AS mr_has,
    list(n ORDER BY sequenceClass) AS mr_has_n
FROM (
    SELECT StudyInstanceUID, sequenceClass, count(*) AS n
    FROM mr_cleaned
    WHERE StudyInstanceUID IN (SELECT unnest(string_split($studies, '|')))
    GROUP BY StudyInstanceUID, sequenceClass
)
GROUP BY StudyInstanceUID
