-- Series to aggregate again, and their instances.
--
-- A series is a pair of StudyInstanceUID and SeriesInstanceUID; instances without one of them form
-- groups of their own, so that the instances of all series always add up to those of the lake.

-- files that count now and did not before, or the reverse, or whose place another one takes
CREATE TABLE moved AS
WITH differing AS (
    (SELECT file_id, why, kept_file_id FROM dropped
     EXCEPT SELECT file_id, why, kept_file_id FROM old_dropped)
    UNION ALL
    (SELECT file_id, why, kept_file_id FROM old_dropped
     EXCEPT SELECT file_id, why, kept_file_id FROM dropped)
)
SELECT file_id FROM differing
UNION
SELECT kept_file_id FROM differing;

CREATE TABLE touched AS
SELECT row_number() OVER () AS series, StudyInstanceUID, SeriesInstanceUID
FROM (
    SELECT StudyInstanceUID, SeriesInstanceUID FROM new_instances
    UNION
    SELECT StudyInstanceUID, SeriesInstanceUID
    FROM instances SEMI JOIN moved ON instance_id = file_id
);

CREATE TABLE live AS
SELECT i.instance_id, t.series
FROM instances AS i
JOIN touched AS t
    ON i.StudyInstanceUID IS NOT DISTINCT FROM t.StudyInstanceUID
    AND i.SeriesInstanceUID IS NOT DISTINCT FROM t.SeriesInstanceUID
ANTI JOIN dropped AS d ON i.instance_id = d.file_id;

-- Whole series, in the order in which they were read, in chunks that fit into memory: a series
-- costs what its instances cost, and something for the state of several hundred aggregates. One
-- instance is not aggregated, but its series is a row of as many columns. Series of one part stay
-- together, since all of a part is read for any of them. Chunks are of one size, and one or so many
-- that all threads have as many to make.
CREATE TABLE chunks AS
SELECT
    series,
    CAST(floor(
        min(before) OVER (PARTITION BY cost_of_one, first_id >> 32) / total * CASE
            WHEN total <= getvariable('chunk_cost') THEN 1
            ELSE getvariable('at_once')
                * ceil(total / (getvariable('chunk_cost') * getvariable('at_once')))
        END
    ) AS INTEGER) AS chunk
FROM (
    SELECT
        series,
        cost_of_one,
        first_id,
        sum(cost) OVER (ORDER BY cost_of_one, first_id, series ROWS UNBOUNDED PRECEDING) - cost
            AS before,
        sum(cost) OVER () AS total
    FROM (
        SELECT
            series,
            CASE WHEN count(*) = 1 THEN getvariable('cost_of_one') END AS cost_of_one,
            coalesce(cost_of_one, count(*) + getvariable('series_cost')) AS cost,
            min(instance_id) AS first_id
        FROM live
        GROUP BY series
    )
);
