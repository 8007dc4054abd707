-- The series in which one private element ($creator, $element, $field) has one value ($value, which
-- is the hash of a binary one and the number of items of a sequence): the latest 1,000.
WITH
{one_private_element},
{private_members},
having_it AS (
    SELECT series
    FROM header_elements
    JOIN keys USING (key_id)
    JOIN members USING (header_id)
    WHERE coalesce(sha256, text, number::BIGINT::VARCHAR, '') = $value
    UNION
    SELECT series
    FROM instance_elements
    JOIN keys USING (key_id)
    JOIN members USING (instance_id)
    WHERE coalesce(sha256, text, number::BIGINT::VARCHAR, '') = $value
)
SELECT
    SeriesDescription,
    SeriesNumber,
    Modality,
    StudyDate,
    StudyDescription,
    right(patient_key, 8) AS patient,
    n_instances,
    Manufacturer,
    ManufacturerModelName,
    SoftwareVersions,
    StudyInstanceUID,
    SeriesInstanceUID
FROM series
WHERE hash(StudyInstanceUID, SeriesInstanceUID) IN (SELECT series FROM having_it)
ORDER BY StudyDate DESC NULLS LAST, StudyInstanceUID, SeriesNumber NULLS LAST, SeriesInstanceUID
LIMIT 1000
