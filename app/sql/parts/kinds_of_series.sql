kinds AS NOT MATERIALIZED (
    SELECT
        *,
        equipment AS kind_scanner,
        concat_ws(' · ', coalesce(scanner_key, '—'), coalesce(protocol_group, '—')) AS kind_protocol,
        coalesce(BurnedInAnnotation, '—') AS kind_burned
    FROM series
)
