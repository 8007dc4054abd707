-- What a study has of its representative series, and what is odd about it.
CREATE TABLE study_quality AS
SELECT
    s.StudyInstanceUID,
    s.study_row,
    s.SeriesInstanceUID AS representative_SeriesInstanceUID,
    s.Modality,
    s.Manufacturer,
    s.ManufacturerModelName,
    s.SoftwareVersions,
    s.Radiopharmaceutical,
    CASE
        WHEN s.acquisition_datetime_min IS NOT NULL THEN 'ok'
        WHEN s.acquisition_text THEN 'parse_fail'
        ELSE 'missing'
    END AS acquisition_status,
    v.* EXCLUDE (nth, equipment, ct_irradiation, ct_reconstruction, ct_protocol),
    s.scanner_key,
    s.protocol_group,
    s.protocol_fingerprint,
    s.protocol_status,
    s.protocol_share,
    s.protocol_is_majority,
    c.composition,
    c.has_derived_objects
FROM series_quality AS v
JOIN quality_source AS s USING (nth)
LEFT JOIN study_composition AS c ON s.study = c.study
WHERE v.is_representative;
