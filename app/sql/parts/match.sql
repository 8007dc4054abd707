CASE
    WHEN $text = '' THEN NULL
    WHEN $text IN (
        lower(StudyDescription), lower(SeriesDescription), lower(ProtocolName),
        lower(BodyPartExamined), lower(ManufacturerModelName),
        lower(RequestedProcedureDescription), lower(PerformedProcedureStepDescription),
        StudyInstanceUID, SeriesInstanceUID, lower(PatientName), lower(PatientID),
        lower(AccessionNumber), lower(StudyID)
    ) THEN 'exact'
    WHEN starts_with(lower(StudyDescription), $text)
        OR starts_with(lower(SeriesDescription), $text)
        OR starts_with(lower(ProtocolName), $text)
        OR starts_with(lower(PatientName), $text)
        OR starts_with(lower(PatientID), $text) THEN 'start'
    ELSE 'within'
END
