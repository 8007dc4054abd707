-- Series that one may want to compare with a series ($series, '' for none): first the same protocol
-- in other studies, then the rest of its study, then all others; in each the latest first.
WITH other AS (
    SELECT StudyInstanceUID, Modality, lower(ProtocolName) AS protocol,
        lower(SeriesDescription) AS description
    FROM memory.main.series
    WHERE SeriesInstanceUID = $series
    LIMIT 1
),
-- Sorted without what is only shown, which is read for the few that remain.
best AS (
    SELECT
        s.StudyInstanceUID,
        s.SeriesInstanceUID,
        CASE
            WHEN other.StudyInstanceUID IS NULL THEN 'any'
            WHEN s.StudyInstanceUID IS NOT DISTINCT FROM other.StudyInstanceUID THEN 'same_study'
            WHEN s.Modality = other.Modality
                AND lower(s.ProtocolName) IS NOT DISTINCT FROM other.protocol
                AND lower(s.SeriesDescription) IS NOT DISTINCT FROM other.description
                AND coalesce(other.protocol, other.description, '') <> '' THEN 'same_protocol'
            ELSE 'any'
        END AS nearness,
        CASE nearness WHEN 'same_protocol' THEN 0 WHEN 'same_study' THEN 1 ELSE 2 END AS place
    FROM series AS s
    LEFT JOIN other ON true
    WHERE s.SeriesInstanceUID <> $series
    ORDER BY place, s.StudyDate DESC NULLS LAST, s.StudyInstanceUID, s.SeriesNumber NULLS LAST,
        s.SeriesInstanceUID
    LIMIT 50
)
SELECT
    s.SeriesInstanceUID,
    s.SeriesDescription,
    s.SeriesNumber,
    s.Modality,
    s.StudyDate,
    s.StudyDescription,
    right(s.patient_key, 8) AS patient,
    s.n_instances,
    best.nearness
FROM best
JOIN series AS s ON s.SeriesInstanceUID = best.SeriesInstanceUID
    AND coalesce(s.StudyInstanceUID, '') = coalesce(best.StudyInstanceUID, '')
ORDER BY best.place, s.StudyDate DESC NULLS LAST, s.StudyInstanceUID,
    s.SeriesNumber NULLS LAST, s.SeriesInstanceUID
