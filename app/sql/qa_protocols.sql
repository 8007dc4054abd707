-- Protocols of scanners by group (radiopharmaceutical or name of the sequence): how many fingerprints
-- a group has, the share of the commonest, and how many series have another one.
WITH counted AS (
    {protocols_of_series}
),
{protocols_counted}
