-- The table of protocols has a row for each of them: a million series need not be looked at.
WITH counted AS (FROM protocols),
{protocols_counted}
