-- Where no series is filtered out, the first of the reconstructions of each irradiation is there.
WITH measured AS (
    SELECT
        {dose_ct_group} AS ct_protocol,
        CTDIvol_max
    FROM series
    WHERE ct_reconstruction = 1
)
SELECT
    ct_protocol,
    count(*) AS n_ct,
    median(CTDIvol_max) AS header_median,
    min(CTDIvol_max) AS header_smallest,
    max(CTDIvol_max) AS header_largest
FROM measured
GROUP BY ct_protocol
ORDER BY count(CTDIvol_max) DESC, n_ct DESC, ct_protocol NULLS LAST
