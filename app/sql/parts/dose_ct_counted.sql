-- Irradiations in ``measured`` by their group: how many, and the middle and range of the CTDIvol.
SELECT
    dose_group AS ct_protocol,
    count(*) AS n_ct,
    median(CTDIvol_max) AS header_median,
    min(CTDIvol_max) AS header_smallest,
    max(CTDIvol_max) AS header_largest
FROM measured
GROUP BY dose_group
ORDER BY count(CTDIvol_max) DESC, n_ct DESC, ct_protocol NULLS LAST
