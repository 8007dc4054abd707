-- Serial number and station of scanners, each by one of its series: $examples is a JSON list of their
-- SeriesInstanceUIDs. All series of a scanner have the same, which its key is made of. Apart from
-- scanners_fleet, which would take four times as long with identifiers joined to every series.
SELECT
    scanner_key,
    min(DeviceSerialNumber) AS DeviceSerialNumber,
    min(StationName) AS StationName
FROM series
WHERE SeriesInstanceUID IN (SELECT unnest(from_json($examples, '["VARCHAR"]')))
GROUP BY scanner_key
ORDER BY scanner_key
