-- NaN and infinity are no measurements: they take no part in aggregates. -0.0 becomes 0.0, because
-- which of two equal values an aggregate returns would depend on the order of the rows.
CREATE MACRO finite(x) AS CASE WHEN isfinite(x) THEN x + 0.0 END;

-- The distinct values of a group, ascending; NULL where it has none.
CREATE MACRO ascending(x) AS
    nullif(list_sort(list_distinct(list(x)), 'ASC', 'NULLS LAST'), []);

-- A list as DICOM prints it; NULL where it has no values.
CREATE MACRO backslashed(x) AS
    nullif(array_to_string([coalesce(CAST(e AS VARCHAR), '') FOR e IN x], '\'), '');

-- Whether the smallest and the largest value of a group are not the same. Numbers that agree to six
-- digits are: one system rounds 72.57472 kg, the next does not.
CREATE MACRO unlike(low, high) AS low < high;
CREATE MACRO apart(low, high) AS high - low > 1e-6 * greatest(abs(low), abs(high));

-- From one time to another.
CREATE MACRO minutes(first, last) AS (epoch_us(last) - epoch_us(first)) / 60e6;
