-- Where no series is filtered out, the first of the reconstructions of each irradiation is there.
WITH measured AS (
    SELECT
        {dose_ct_group} AS dose_group,
        CTDIvol_max
    FROM series
    WHERE ct_reconstruction = 1
)
{dose_ct_counted}
