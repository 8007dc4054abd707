-- The table of protocols has a row for each of them: a million series need not be looked at, but for
-- those that nothing says the scanner of, which it does not have.
WITH counted AS (
    SELECT
        scanner_key,
        protocol_group,
        is_majority,
        Modality,
        Manufacturer,
        ManufacturerModelName,
        n_series
    FROM protocols
    UNION ALL BY NAME
    FROM (
        {protocols_of_series}
    )
    WHERE scanner_key IS NULL
),
{protocols_counted}
