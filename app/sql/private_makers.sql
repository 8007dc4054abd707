-- The manufacturers, models and software versions of the series that have one private element
-- ($creator, $element as ggggxxee, $field of a decoded value, else ''), whatever its values. Reads no
-- elements, so it is quick.
SELECT
    Manufacturer AS maker,
    ManufacturerModelName AS model,
    array_to_string(SoftwareVersions, ' · ') AS software,
    count(*) AS n_series
FROM series
WHERE private_profile IN (
    SELECT private_profile
    FROM private_profiles
    JOIN private_blocks USING (private_block)
    WHERE creator = $creator AND element = $element AND field = $field
)
GROUP BY maker, model, software
ORDER BY n_series DESC, maker, model, software
