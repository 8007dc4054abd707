-- How many studies one scanner ($scanner) has, and how many of them can be judged for series they
-- lack: those with at least four others of the same description (see scanners_incomplete).
WITH
{scanner_sessions}
SELECT count(*) AS n_studies, count(n_alike) AS n_judged
FROM sessions
LEFT JOIN alike USING (kind)
