-- What was done in which study, in words without case and punctuation. Left out are series that are
-- made as needed and not by protocol: localizers, and objects that are no acquired images (reports,
-- dose pictures, presentation states, segmentations, plans).
named AS (
    SELECT
        StudyInstanceUID,
        StudyDate,
        coalesce(
            nullif(trim(StudyDescription), ''), nullif(trim(PerformedProcedureStepDescription), '')
        ) AS description,
        coalesce(nullif(trim(SeriesDescription), ''), nullif(trim(ProtocolName), '')) AS name,
        Modality,
        list_contains(ImageType, 'LOCALIZER')
            OR SOPClassUID = '1.2.840.10008.5.1.4.1.1.7'  -- secondary capture
            OR coalesce(n_frames_sum, 0) = 0
            OR Modality IN ('SR', 'PR', 'KO', 'SEG', 'RTSTRUCT', 'RTDOSE', 'RTPLAN', 'OT', 'SC', 'DOC')
            AS is_extra
    FROM series
    WHERE scanner_key = $scanner AND StudyInstanceUID IS NOT NULL
),
worded AS (
    SELECT
        * EXCLUDE (is_extra),
        trim(regexp_replace(lower(description), '[^\p{L}\p{N}]+', ' ', 'g')) AS kind,
        if(
            is_extra OR name IS NULL OR regexp_matches(
                lower(name), 'locali[sz]er|scout|topogram|survey|surview|scanogram|^loc\b'
            ),
            NULL,
            concat(Modality, ' ', trim(regexp_replace(lower(name), '[^\p{L}\p{N}]+', ' ', 'g')))
        ) AS sequence
    FROM named
),
sessions AS MATERIALIZED (
    SELECT StudyInstanceUID, min(kind) AS kind, min(description) AS description,
        min(StudyDate) AS StudyDate, count(*) AS n_series
    FROM worded
    GROUP BY StudyInstanceUID
),
alike AS (
    SELECT kind, count(*) AS n_alike
    FROM sessions
    WHERE kind <> ''
    GROUP BY kind
    HAVING n_alike >= 5
),
done AS MATERIALIZED (
    SELECT StudyInstanceUID, sessions.kind, sequence, min(name) AS name
    FROM worded
    JOIN sessions USING (StudyInstanceUID)
    WHERE sequence IS NOT NULL
    GROUP BY ALL
),
expected AS MATERIALIZED (
    SELECT kind, sequence, min(name) AS name, count(*) AS n_having, any_value(n_alike) AS n_alike
    FROM done
    JOIN alike USING (kind)
    GROUP BY kind, sequence
    HAVING 2 * count(*) > any_value(n_alike)
)
