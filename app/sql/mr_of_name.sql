-- The MR series of one name ($name), as mr_names counts them.
SELECT SeriesInstanceUID, volume_kind, sequenceClass
FROM mr_cleaned
WHERE
    {mr_name}
        = $name
    AND
    {mr_chosen}
    AND (
        $which = 'all' OR sequenceClass = 'UNKNOWN'
        OR ($which = 'doubtful' AND classConfidence < 0.8)
    )
ORDER BY SeriesInstanceUID, volume
