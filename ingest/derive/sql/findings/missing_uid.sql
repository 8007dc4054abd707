-- Instances that do not say which series or study they belong to.
INSERT INTO finding_rows BY NAME
SELECT
    'missing_uid' AS rule,
    StudyInstanceUID,
    SeriesInstanceUID,
    FirstSOPInstanceUID AS SOPInstanceUID,
    'a Study Instance UID and a Series Instance UID' AS expected,
    CASE
        WHEN StudyInstanceUID IS NOT NULL THEN 'no Series Instance UID'
        WHEN SeriesInstanceUID IS NOT NULL THEN 'no Study Instance UID'
        ELSE 'neither'
    END AS observed,
    n_instances AS n_affected
FROM series
WHERE StudyInstanceUID IS NULL OR SeriesInstanceUID IS NULL;
