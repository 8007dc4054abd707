coalesce(nullif(trim(SeriesDescription), ''), nullif(trim(ProtocolName), ''), '')
