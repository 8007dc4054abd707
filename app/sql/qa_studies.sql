-- Studies behind a number of the quality page: those that the filters leave, of the kind $kind (such
-- as hour) with the $value; all with an empty $kind.
WITH
{kinds_of_studies}
SELECT * EXCLUDE (
    kind_modality, kind_manufacturer, kind_radiopharmaceutical, kind_sex, kind_age, kind_hour,
    kind_year, kind_month, kind_day, kind_score, kind_identity, kind_dates, kind_method
), right(patient_key, 8) AS patient
FROM kinds
WHERE CASE $kind
    WHEN '' THEN true
    WHEN 'modality' THEN kind_modality = $value
    WHEN 'manufacturer' THEN kind_manufacturer = $value
    WHEN 'radiopharmaceutical' THEN kind_radiopharmaceutical = $value
    WHEN 'sex' THEN kind_sex = $value
    WHEN 'age' THEN kind_age = $value
    WHEN 'hour' THEN kind_hour = $value
    WHEN 'year' THEN kind_year = $value
    WHEN 'month' THEN kind_month = $value
    WHEN 'day' THEN kind_day = $value
    WHEN 'score' THEN kind_score = $value
    WHEN 'identity' THEN kind_identity = $value
    WHEN 'dates' THEN kind_dates = $value
    WHEN 'method' THEN kind_method = $value
    WHEN 'missed' THEN list_contains(qa_missed, $value)
    ELSE false
END
