-- Which file each MR series would be in a BIDS data set, and why some are in none; nothing is
-- converted. A subject is a patient (the first 12 letters of the pseudonym), a session a study of
-- theirs in the order of time; series whose names are the same get run-1, run-2, ... by their time.
-- Kinds of volume that BIDS keeps in one file (b-values) have the same name. Names are those of the
-- whole databank, whatever is filtered.
WITH wanted AS (SELECT DISTINCT coalesce(patient_key, '') AS patient FROM mr_cleaned),
placed AS (
    SELECT
        *,
        dense_rank() OVER (
            PARTITION BY patient_key ORDER BY StudyDate NULLS LAST, StudyInstanceUID
        ) AS session,
        -- Of several echoes of a series the first says so, too.
        bool_or(contains(bids_entities, 'echo-')) OVER (
            PARTITION BY StudyInstanceUID, SeriesInstanceUID, bids_suffix
        ) AND NOT contains(coalesce(bids_entities, ''), 'echo-') AS first_echo
    FROM memory.main.mr_cleaned
    WHERE coalesce(patient_key, '') IN (SELECT patient FROM wanted)
),
entities AS (
    SELECT
        *,
        concat('sub-', coalesce(left(patient_key, 12), 'unknown')) AS subject,
        concat('ses-', session) AS ses,
        list_concat(
            CASE WHEN bids_datatype = 'func' AND NOT contains(coalesce(bids_entities, ''), 'task-')
                THEN ['task-unknown'] ELSE [] END,
            CASE WHEN first_echo AND bids_datatype <> 'fmap' THEN ['echo-1'] ELSE [] END,
            coalesce(string_split(bids_entities, '_'), [])
        ) AS parts
    FROM placed
),
told AS (
    SELECT
        *,
        -- The standard puts run between these entities and the others.
        list_filter(parts, lambda p: list_contains(
            ['task', 'acq', 'ce', 'trc', 'rec', 'dir'], split_part(p, '-', 1))) AS before_run,
        list_filter(parts, lambda p: NOT list_contains(
            ['task', 'acq', 'ce', 'trc', 'rec', 'dir'], split_part(p, '-', 1))) AS after_run,
        CASE WHEN bids_suffix IS NOT NULL AND bids_datatype IS NOT NULL
            THEN concat_ws('_', bids_datatype, array_to_string(parts, '_'), bids_suffix) END AS same
    FROM entities
),
-- Of several series with one name the number of each; kinds of one series share theirs.
numbered AS (
    SELECT
        *,
        dense_rank() OVER of_name AS nth
    FROM told
    WINDOW of_name AS (
        PARTITION BY patient_key, session, same
        ORDER BY acquisition_datetime_min NULLS LAST, SeriesNumber NULLS LAST, SeriesInstanceUID
    )
),
counted AS (
    SELECT *, max(nth) OVER (PARTITION BY patient_key, session, same) AS n_same FROM numbered
)
SELECT
    CASE WHEN same IS NOT NULL THEN concat(
        subject, '/', ses, '/', bids_datatype, '/',
        concat_ws('_', subject, ses, nullif(array_to_string(before_run, '_'), ''),
            CASE WHEN n_same > 1 THEN concat('run-', nth) END,
            nullif(array_to_string(after_run, '_'), ''), bids_suffix),
        '.nii.gz'
    ) END AS bids_file,
    CASE
        WHEN same IS NOT NULL THEN NULL
        WHEN sequenceClass = 'UNKNOWN' THEN concat('class unknown: ', classReason)
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
    (SELECT (coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')) FROM mr_cleaned)
