-- All findings, which have no series to be looked for; also those about the lake, which have none.
WITH about AS (SELECT rule, severity, StudyInstanceUID, n_affected FROM findings)
{rules_counted}
