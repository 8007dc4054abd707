CASE $by
    WHEN 'study' THEN StudyDescription
    WHEN 'scanner' THEN
        nullif(concat_ws(' · ', coalesce(ManufacturerModelName, Manufacturer),
            left(scanner_key, 8)), '')
    WHEN 'body_part' THEN BodyPartExamined
    ELSE coalesce(ProtocolName, SeriesDescription)
END
