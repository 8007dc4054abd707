-- The spread of the values of each group, and of all.
SELECT
    if(grouping(dose_group) = 0, 'group', 'all') AS level,
    dose_group,
    count(value) AS n,
    count() AS n_all,
    median(value) AS median,
    quantile_cont(value, 0.25) AS lower_quartile,
    quantile_cont(value, 0.75) AS upper_quartile,
    min(value) AS smallest,
    max(value) AS largest
FROM valued
GROUP BY GROUPING SETS ((), (dose_group))
ORDER BY level, n DESC, n_all DESC, dose_group NULLS LAST
