-- What MR each study has, and which studies are alike: those of the same description and scanner
-- model. Without a description or a model studies are alike that have none. Which studies are told
-- of says what is chosen; what is usual does not depend on that.
of_study AS (
    SELECT
        StudyInstanceUID,
        min(StudyDate) AS StudyDate,
        min(StudyDescription) AS StudyDescription,
        min(patient_key) AS patient_key,
        min(concat_ws(' ', standardManufacturer, cleanedModelName)) AS mr_scanner,
        bool_or(
            {mr_chosen}
        ) AS is_chosen
    FROM mr_cleaned
    WHERE StudyInstanceUID IS NOT NULL
    GROUP BY StudyInstanceUID
),
-- In two steps, which takes a third of the time of a histogram.
had AS (
    SELECT StudyInstanceUID, list(sequenceClass) AS has
    FROM (
        SELECT DISTINCT StudyInstanceUID, sequenceClass
        FROM mr_cleaned
        WHERE StudyInstanceUID IS NOT NULL
    )
    GROUP BY StudyInstanceUID
),
alike AS MATERIALIZED (
    SELECT *, concat_ws('|', lower(trim(StudyDescription)), mr_scanner) AS kind
    FROM of_study JOIN had USING (StudyInstanceUID)
),
sizes AS (SELECT kind, count(*) AS n_alike FROM alike GROUP BY kind),
-- What more than half of those that are alike have, or what was asked for ($expected).
usual AS (
    SELECT kind, list(sequenceClass ORDER BY sequenceClass) AS expected
    FROM (
        SELECT kind, sequenceClass, count(*) AS n
        FROM (SELECT kind, unnest(has) AS sequenceClass FROM alike)
        GROUP BY ALL
    )
    JOIN sizes USING (kind)
    WHERE 2 * n > n_alike AND sequenceClass NOT IN ('UNKNOWN', 'DERIVED', 'LOCALIZER')
    GROUP BY kind
),
judged AS (
    SELECT
        a.*,
        n_alike,
        CASE WHEN $expected = '' THEN coalesce(expected, []) ELSE string_split($expected, '|') END
            AS wanted
    FROM alike AS a JOIN sizes USING (kind) LEFT JOIN usual USING (kind)
    WHERE is_chosen
)
