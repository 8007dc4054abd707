-- Of the series just made: what studies and findings need, and where the whole row is: in which run,
-- at which place of it. Runs are in this order (see gathering.py). And what they tell of their
-- protocol.
INSERT INTO new_series BY NAME
WITH placed AS (  -- apart, since a window takes all columns beside it along
    SELECT
        rowid AS row,
        row_number() OVER (
            ORDER BY StudyInstanceUID NULLS FIRST, SeriesInstanceUID NULLS FIRST
        ) - 1 AS place
    FROM aggregated
)
SELECT
    {told},
    p.* EXCLUDE (row),
    {differences} AS differences,
    {run} AS run,
    place
FROM aggregated AS a
JOIN protocol_values AS p ON a.rowid = p.row
JOIN placed ON a.rowid = placed.row;
