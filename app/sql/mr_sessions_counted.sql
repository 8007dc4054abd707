-- How many studies have MR that is as chosen, and how many of them lack a class that is expected, as
-- mr_sessions tells them ($expected).
WITH
{mr_sessions_here}
SELECT
    count(*) AS studies,
    count(*) FILTER (NOT list_has_all(has, wanted)) AS lacking
FROM judged
