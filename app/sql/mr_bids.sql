-- Which file each MR series would be in a BIDS data set, and why some are in none; nothing is
-- converted. A subject is a patient (the first 16 letters of the pseudonym), a session a study of
-- theirs in the order of time; series whose names are the same get run-1, run-2, ... by their time,
-- and what was acquired at the same time, as echoes and parts of complex data are, the same number.
-- A row is a file: b-values of a series, which BIDS keeps in one, are one row, and no two rows have
-- the same name. Names are those of the whole databank, whatever is filtered or chosen.
WITH wanted AS (SELECT DISTINCT coalesce(patient_key, '') AS patient FROM mr_cleaned),
known AS NOT MATERIALIZED (
    SELECT
        patient_key, StudyInstanceUID, SeriesInstanceUID, SeriesNumber, SeriesDescription, volume,
        volume_kind, StudyDate, acquisition_datetime_min, sequenceClass, classConfidence,
        CASE WHEN sequenceClass = 'UNKNOWN' THEN classReason END AS unknown, isDerivedImage,
        bids_datatype, bids_suffix, echo_times_ms,
        coalesce(bids_entities, '') AS entities,
        bids_datatype IS NOT NULL AND bids_suffix IS NOT NULL AS is_named
    FROM memory.main.mr_cleaned
    WHERE coalesce(patient_key, '') IN (SELECT patient FROM wanted)
),
sessions AS (
    SELECT
        patient_key,
        StudyInstanceUID,
        row_number() OVER (ORDER BY patient_key, StudyInstanceUID) AS session,
        concat('sub-', coalesce(left(patient_key, 16), 'unknown')) AS subject,
        concat('ses-', dense_rank() OVER (
            PARTITION BY patient_key
            ORDER BY
                min(coalesce(acquisition_datetime_min, CAST(StudyDate AS TIMESTAMP))) NULLS LAST,
                StudyInstanceUID
        )) AS ses
    FROM known
    GROUP BY patient_key, StudyInstanceUID
),
-- Of several echoes of a series, or of series of one name, the first says so, too.
second_echoes AS (
    SELECT
        StudyInstanceUID, SeriesDescription, bids_datatype, bids_suffix,
        min(echo_times_ms[1]) AS second_echo
    FROM known
    WHERE contains(entities, 'echo-')
    GROUP BY ALL
),
placed AS MATERIALIZED (
    SELECT
        k.*,
        s.session, s.subject, s.ses,
        coalesce(echo_times_ms[1] < second_echo OR k.bids_suffix IN ('MESE', 'MEGRE'), false)
            AS is_first_echo
    FROM known AS k
    JOIN sessions AS s
        ON k.patient_key IS NOT DISTINCT FROM s.patient_key
        AND k.StudyInstanceUID IS NOT DISTINCT FROM s.StudyInstanceUID
    LEFT JOIN second_echoes AS e
        ON k.StudyInstanceUID IS NOT DISTINCT FROM e.StudyInstanceUID
        AND k.SeriesDescription IS NOT DISTINCT FROM e.SeriesDescription
        AND k.bids_datatype = e.bids_datatype AND k.bids_suffix = e.bids_suffix
),
-- The few names there are, without subject, session and run.
parted AS (
    SELECT
        *,
        -- What the standard demands and the header does not tell is unknown.
        list_concat(
            CASE WHEN bids_datatype = 'func' THEN ['task-unknown'] ELSE [] END,
            CASE WHEN bids_suffix = 'epi' AND NOT contains(entities, 'dir-') THEN ['dir-unknown']
                ELSE [] END,
            CASE WHEN is_first_echo AND NOT contains(entities, 'echo-') THEN ['echo-1'] ELSE [] END,
            string_split(entities, '_')
        ) AS parts
    FROM (
        SELECT DISTINCT bids_datatype, bids_suffix, entities, is_first_echo
        FROM placed
        WHERE is_named
    )
),
-- The order of the standard; run is between these entities and the others.
ordered AS (
    SELECT
        *,
        array_to_string(list_filter(list_transform(
            ['task', 'acq', 'ce', 'dir'],
            lambda e: list_filter(parts, lambda p: starts_with(p, e || '-'))[1]
        ), lambda p: p IS NOT NULL), '_') AS before_run,
        array_to_string(list_filter(list_transform(
            ['echo', 'flip', 'inv', 'mt', 'part'],
            lambda e: list_filter(parts, lambda p: starts_with(p, e || '-'))[1]
        ), lambda p: p IS NOT NULL), '_') AS after_run,
        concat_ws('/', bids_datatype, before_run, after_run, bids_suffix) AS name
    FROM parted
),
names AS (
    SELECT
        *,
        dense_rank() OVER (ORDER BY name) AS name_id,
        dense_rank() OVER (
            ORDER BY regexp_replace(name, '(echo|part)-[A-Za-z0-9]+', '', 'g')
        ) AS acquisition
    FROM ordered
),
named AS (
    SELECT p.*, n.before_run, n.after_run, n.name_id, n.acquisition
    FROM placed AS p
    LEFT JOIN names AS n
        ON p.bids_datatype = n.bids_datatype AND p.bids_suffix = n.bids_suffix
        AND p.entities = n.entities AND p.is_first_echo = n.is_first_echo
),
-- What one file holds: a kind of volume, but of diffusion all that differs in b only.
files AS MATERIALIZED (
    FROM named WHERE bids_datatype IS DISTINCT FROM 'dwi' OR name_id IS NULL
    UNION ALL BY NAME
    SELECT
        * EXCLUDE (volume_kind),
        string_agg(volume_kind, '; ') OVER (
            of_one ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS volume_kind
    FROM named
    WHERE bids_datatype = 'dwi' AND name_id IS NOT NULL
    WINDOW of_one AS (
        PARTITION BY StudyInstanceUID, SeriesInstanceUID, name_id, echo_times_ms ORDER BY volume
    )
    QUALIFY row_number() OVER of_one = 1
),
-- Where several files would have one name, all of the acquisition have a number: that of the file
-- among those of its moment and name, and of the moment.
crowded AS (
    SELECT DISTINCT session, acquisition
    FROM (
        SELECT session, acquisition
        FROM files
        WHERE name_id IS NOT NULL
        GROUP BY session, acquisition, name_id
        HAVING count(*) > 1
    )
),
of_moment AS (
    SELECT
        StudyInstanceUID, SeriesInstanceUID, volume, session, acquisition,
        acquisition_datetime_min AS moment,
        CASE WHEN moment IS NULL THEN SeriesNumber END AS untimed_number,
        CASE WHEN moment IS NULL THEN SeriesInstanceUID END AS untimed,
        row_number() OVER (
            PARTITION BY session, name_id, moment, untimed
            ORDER BY SeriesNumber NULLS LAST, SeriesInstanceUID NULLS LAST, volume
        ) AS nth
    FROM files SEMI JOIN crowded USING (session, acquisition)
),
runs AS (
    SELECT
        StudyInstanceUID, SeriesInstanceUID, volume, session,
        dense_rank() OVER (
            PARTITION BY session, acquisition
            ORDER BY moment NULLS LAST, untimed_number NULLS LAST, untimed NULLS LAST, nth
        ) AS run
    FROM of_moment
),
counted AS (
    SELECT f.*, r.run
    FROM files AS f
    LEFT JOIN runs AS r
        ON f.session = r.session AND f.volume = r.volume
        AND f.SeriesInstanceUID IS NOT DISTINCT FROM r.SeriesInstanceUID
)
SELECT
    CASE WHEN name_id IS NOT NULL THEN concat(
        subject, '/', ses, '/', bids_datatype, '/',
        concat_ws('_', subject, ses, nullif(before_run, ''),
            'run-' || run,
            nullif(after_run, ''), bids_suffix),
        '.nii.gz'
    ) END AS bids_file,
    CASE
        WHEN name_id IS NOT NULL THEN NULL
        WHEN sequenceClass = 'UNKNOWN' THEN concat('class unknown: ', unknown)
        WHEN isDerivedImage THEN concat('computed from other images (', sequenceClass, ')')
        ELSE concat('BIDS has no place for ', sequenceClass)
    END AS bids_why_not,
    sequenceClass,
    classConfidence,
    SeriesDescription,
    SeriesNumber,
    volume,
    volume_kind,
    StudyDate,
    StudyInstanceUID,
    SeriesInstanceUID
FROM counted
WHERE (coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')) IN
    (
        SELECT (coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, ''))
        FROM mr_cleaned
        WHERE
            {mr_chosen}
    )
