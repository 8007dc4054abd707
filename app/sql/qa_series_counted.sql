-- Every measure of quality that is about series, and what it is counted of, in one reading; which
-- column is which is in app/quality/measures.py.
SELECT
    {measures_of_series},
    coalesce(sum(n_instances), 0)::BIGINT AS n_instances
FROM series
