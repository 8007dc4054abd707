-- What the Siemens PET dose reports say, by study: each statement once, and in how many series.
-- $study is one study, or '' for all; names and times are there where identifiers are shown.
WITH keys AS MATERIALIZED (
    SELECT key_id, split_part(name, '/', -1) AS report_item
    FROM element_keys
    WHERE starts_with(name, 'PetDoseReportData')
),
chosen AS MATERIALIZED (
    SELECT StudyDescription, StudyDate, right(patient_key, 8) AS patient, StudyInstanceUID,
        SeriesInstanceUID
    FROM series
    WHERE $study = '' OR StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
),
told AS (
    SELECT SeriesInstanceUID, report_item, text
    FROM header_elements
    JOIN keys USING (key_id)
    JOIN headers USING (header_id)
    UNION ALL
    SELECT SeriesInstanceUID, report_item, text
    FROM instance_elements
    JOIN keys USING (key_id)
    JOIN instances USING (instance_id)
)
SELECT
    StudyDescription,
    StudyDate,
    patient,
    report_item,
    text AS report_value,
    count(DISTINCT coalesce(SeriesInstanceUID, '')) AS n_series,
    StudyInstanceUID
FROM told
JOIN chosen USING (SeriesInstanceUID)
GROUP BY ALL
ORDER BY StudyDate DESC NULLS LAST, StudyInstanceUID, report_item, report_value
