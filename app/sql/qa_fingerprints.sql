-- The fingerprints of one group of a scanner ($protocol), the commonest first, and the parameters in
-- which they differ from it.
SELECT
    left(protocol_fingerprint, 12) AS fingerprint, is_majority, n_series, n_studies,
    first_seen, last_seen, differs, example_StudyInstanceUID AS StudyInstanceUID,
    example_SeriesInstanceUID AS SeriesInstanceUID
FROM protocols
WHERE concat_ws(' · ', coalesce(scanner_key, '—'), coalesce(protocol_group, '—')) = $protocol
ORDER BY is_majority DESC, n_series DESC, fingerprint
