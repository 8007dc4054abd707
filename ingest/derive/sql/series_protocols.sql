-- What of the protocol of a series depends on all others.
CREATE TABLE series_protocols AS
SELECT
    s.StudyInstanceUID,
    s.SeriesInstanceUID,
    p.share AS protocol_share,
    p.is_majority AS protocol_is_majority,
    CASE WHEN s.acquisition_signature IS NOT NULL THEN r.n IS NOT NULL END AS repeated_acquisition
FROM series AS s
LEFT JOIN protocols AS p USING (scanner_key, protocol_group, protocol_fingerprint)
LEFT JOIN (
    SELECT acquisition_signature, count(*) AS n
    FROM series
    WHERE acquisition_signature IS NOT NULL
    GROUP BY acquisition_signature
    HAVING n > 1
) AS r USING (acquisition_signature);
