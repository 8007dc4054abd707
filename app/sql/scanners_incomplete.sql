-- Studies of one scanner ($scanner) that lack a series which most studies like them have: alike are
-- those of the same description (of the study, else of the performed procedure step), if they are
-- five or more; expected is what more than half of them have. In how many of the others a missing
-- series is stands behind its name.
WITH
{scanner_sessions},
complete AS (
    SELECT kind, count(*) AS n_expected FROM expected GROUP BY kind
),
had AS (
    SELECT StudyInstanceUID, count(*) AS n_had
    FROM done
    SEMI JOIN expected USING (kind, sequence)
    GROUP BY StudyInstanceUID
),
lacking AS (
    SELECT StudyInstanceUID, s.kind, description, StudyDate, n_series, n_expected
    FROM sessions AS s
    JOIN complete USING (kind)
    LEFT JOIN had USING (StudyInstanceUID)
    WHERE coalesce(n_had, 0) < n_expected
)
SELECT
    any_value(description) AS StudyDescription,
    any_value(StudyDate) AS StudyDate,
    any_value(n_series) AS n_series,
    any_value(n_expected) AS n_expected,
    count(*) AS n_missing,
    list(concat(e.name, ' (', n_having, '/', n_alike - 1, ')') ORDER BY n_having DESC, e.name)
        AS missing_series,
    StudyInstanceUID
FROM lacking
JOIN expected AS e USING (kind)
ANTI JOIN done USING (StudyInstanceUID, sequence)
GROUP BY StudyInstanceUID
