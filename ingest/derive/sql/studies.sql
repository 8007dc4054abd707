-- A row for every study, made of its series. What they share is listed from the schema; where they
-- differ, the smallest value counts. Which pseudonym is the smallest depends on the secret of the
-- databank, so of several patients the one with the most instances counts, then the one that has
-- the smallest SeriesInstanceUID.
CREATE TABLE studies AS
WITH patients_of_study AS (
    SELECT
        StudyInstanceUID,
        patient_key,
        row_number() OVER (
            PARTITION BY StudyInstanceUID
            ORDER BY sum(n_instances) DESC, min(SeriesInstanceUID) NULLS LAST
        ) AS nth
    FROM series
    WHERE patient_key IS NOT NULL
    GROUP BY StudyInstanceUID, patient_key
),
described AS (
    SELECT
        {constants},
        ascending(Modality) AS Modalities,
        ascending(Manufacturer) AS Manufacturers,
        ascending(ManufacturerModelName) AS ManufacturerModelNames,
        ascending(BodyPartExamined) AS BodyParts,
        ascending(SeriesDescription) AS SeriesDescriptions,
        count(*) AS n_series,
        sum(n_instances) AS n_instances,
        TRY_CAST(sum(n_frames_sum) AS BIGINT) AS n_frames,
        TRY_CAST(sum(file_size_bytes_sum) AS BIGINT) AS file_size_bytes,
        min(acquisition_datetime_min) AS acquisition_datetime_min,
        max(acquisition_datetime_max) AS acquisition_datetime_max
    FROM series AS s
    GROUP BY s.StudyInstanceUID
)
SELECT
    d.* REPLACE (p.patient_key AS patient_key),
    coalesce(f.n, 0) AS n_findings,
    q.* EXCLUDE (StudyInstanceUID)
FROM described AS d
LEFT JOIN patients_of_study AS p
    ON p.nth = 1 AND d.StudyInstanceUID IS NOT DISTINCT FROM p.StudyInstanceUID
LEFT JOIN study_findings AS f ON d.StudyInstanceUID IS NOT DISTINCT FROM f.StudyInstanceUID
LEFT JOIN study_quality AS q ON d.StudyInstanceUID IS NOT DISTINCT FROM q.StudyInstanceUID;
