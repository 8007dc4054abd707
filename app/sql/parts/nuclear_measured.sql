-- Uptake and dose per weight of the studies that have them and in which they are possible: those
-- with the status ok.
measured AS (
    SELECT
        'uptake' AS measure,
        uptake_minutes AS value,
        uptake_minutes BETWEEN $uptake_ideal_from AND $uptake_ideal_to AS is_ideal,
        Radiopharmaceutical AS radiopharmaceutical,
        nullif(concat_ws(' · ', coalesce(ManufacturerModelName, Manufacturer),
            left(scanner_key, 8)), '') AS scanner,
        StudyDate
    FROM studies
    WHERE is_radiopharmaceutical AND uptake_status = 'ok'
    UNION ALL
    SELECT
        'dose',
        dose_per_kg_MBq,
        dose_per_kg_MBq BETWEEN $dose_ideal_from AND $dose_ideal_to,
        Radiopharmaceutical,
        nullif(concat_ws(' · ', coalesce(ManufacturerModelName, Manufacturer),
            left(scanner_key, 8)), ''),
        StudyDate
    FROM studies
    WHERE is_radiopharmaceutical AND dose_status = 'ok'
)
