-- What quality values are worked out of, for every series of the lake, and where its row is: nth in
-- the order in which series are written. Series without a StudyInstanceUID are no study: nothing is
-- taken from one for another.
--
-- Whether a value that is missing was there as text says the rule value_unparsable.
CREATE TABLE unreadable AS
WITH told AS (
    SELECT StudyInstanceUID, SeriesInstanceUID, path FROM finding_rows
    WHERE rule = 'value_unparsable'
    UNION ALL
    SELECT o.StudyInstanceUID, o.SeriesInstanceUID, o.path
    FROM last_findings AS o
    ANTI JOIN touched AS t
        ON o.StudyInstanceUID IS NOT DISTINCT FROM t.StudyInstanceUID
        AND o.SeriesInstanceUID IS NOT DISTINCT FROM t.SeriesInstanceUID
    WHERE o.rule = 'value_unparsable'
)
SELECT
    StudyInstanceUID,
    SeriesInstanceUID,
    bool_or(right(path, 8) = '00181074') AS activity_text,
    bool_or(right(path, 8) IN ('00181072', '00181078')) AS injection_text,
    bool_or(right(path, 8) IN ('0008002A', '00080022', '00080032', '00189074')) AS acquisition_text,
    bool_or(path = '00101030') AS weight_text
FROM told
GROUP BY ALL;

-- Places are numbered by what they are sorted by, and nothing else: to sort whole rows takes ten times
-- as long.
CREATE TABLE quality_source AS
WITH sorted AS (
    SELECT
        run,
        place,
        StudyInstanceUID,
        row_number() OVER in_order AS nth,
        lag(StudyInstanceUID) OVER in_order IS DISTINCT FROM StudyInstanceUID AS is_next
    FROM series
    WINDOW in_order AS (ORDER BY StudyInstanceUID NULLS FIRST, SeriesInstanceUID NULLS FIRST)
),
placed AS (
    SELECT
        run,
        place,
        nth,
        CASE WHEN StudyInstanceUID IS NOT NULL
            THEN sum(CAST(is_next AS INTEGER)) OVER (ORDER BY nth) END AS study
    FROM sorted
)
SELECT
    o.nth,
    o.study,
    coalesce(o.study, 0) AS study_row,
    o.run,
    o.place,
    {columns},
    p.protocol_share,
    p.protocol_is_majority,
    p.repeated_acquisition,
    coalesce(u.activity_text, false) AS activity_text,
    coalesce(u.injection_text, false) AS injection_text,
    coalesce(u.acquisition_text, false) AS acquisition_text,
    coalesce(u.weight_text, false) AS weight_text
FROM series AS s
JOIN placed AS o USING (run, place)
LEFT JOIN unreadable AS u
    ON s.StudyInstanceUID IS NOT DISTINCT FROM u.StudyInstanceUID
    AND s.SeriesInstanceUID IS NOT DISTINCT FROM u.SeriesInstanceUID
LEFT JOIN series_protocols AS p
    ON s.StudyInstanceUID IS NOT DISTINCT FROM p.StudyInstanceUID
    AND s.SeriesInstanceUID IS NOT DISTINCT FROM p.SeriesInstanceUID;
