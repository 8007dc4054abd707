-- The protocols of one scanner ($scanner is its scanner_key): how many of its series of a group have
-- which fingerprint, and when; shares, the majority and the first series are those of the whole
-- databank.
WITH used AS (
    SELECT
        protocol_group,
        protocol_fingerprint,
        count(*) AS n_series,
        count(DISTINCT StudyInstanceUID) AS n_studies,
        min(coalesce(acquisition_datetime_min, StudyDate))::TIMESTAMP AS first_seen,
        max(coalesce(acquisition_datetime_min, StudyDate))::TIMESTAMP AS last_seen
    FROM series
    WHERE scanner_key = $scanner AND protocol_fingerprint IS NOT NULL
    GROUP BY ALL
)
SELECT
    protocol_group,
    Modality,
    left(protocol_fingerprint, 8) AS protocol_short,
    used.n_series,
    used.n_studies,
    round(100 * share, 1) AS share_percent,
    is_majority,
    len(differs) AS n_differs,
    used.first_seen,
    used.last_seen,
    protocol_fingerprint,
    example_StudyInstanceUID AS StudyInstanceUID,
    example_SeriesInstanceUID AS SeriesInstanceUID
FROM used
LEFT JOIN (SELECT * FROM protocols WHERE scanner_key = $scanner)
    USING (protocol_group, protocol_fingerprint)
