-- Studies with MR that is as chosen: which classes each has, what is expected of it (what more than
-- half of the studies of the same description and scanner model have; or the classes of $expected,
-- with | between them) and which of that it lacks; with $lacking only those that do.
WITH
{mr_sessions_here}
SELECT
    StudyDescription,
    StudyDate,
    mr_scanner,
    right(patient_key, 8) AS patient,
    n_alike AS mr_alike,
    list_filter(wanted, lambda c: NOT list_contains(has, c)) AS mr_missing,
    len(mr_missing) AS n_missing,
    list_sort(has) AS mr_has,
    wanted AS mr_expected,
    StudyInstanceUID
FROM judged
WHERE NOT $lacking OR len(mr_missing) > 0
