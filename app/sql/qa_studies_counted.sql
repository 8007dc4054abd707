-- Every measure of quality that is about studies, and what it is counted of, in one reading; which
-- column is which is in app/quality/measures.py.
SELECT
    {measures_of_studies}
FROM studies
