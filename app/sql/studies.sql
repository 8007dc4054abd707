-- Studies with what the filters leave of them: numbers count the series that pass the filters.
WITH counted AS (
    SELECT
        StudyInstanceUID,
        count(*) AS n_series,
        sum(n_instances)::BIGINT AS n_instances,
        sum(file_size_bytes_sum)::BIGINT AS file_size_bytes
    FROM series
    GROUP BY StudyInstanceUID
)
SELECT
    studies.StudyDescription,
    studies.StudyDate,
    right(studies.patient_key, 8) AS patient,
    studies.PatientName,
    studies.PatientID,
    studies.AccessionNumber,
    studies.PatientSex,
    regexp_replace(studies.PatientAge, '^0*(\d+)([DWMY])$', '\1 \2') AS PatientAge,
    studies.Modalities,
    counted.n_series,
    counted.n_instances,
    counted.file_size_bytes,
    studies.BodyParts,
    studies.Manufacturers,
    studies.ManufacturerModelNames,
    studies.n_findings,
    studies.StudyInstanceUID
FROM studies
JOIN counted ON counted.StudyInstanceUID IS NOT DISTINCT FROM studies.StudyInstanceUID
