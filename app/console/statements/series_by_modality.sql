SELECT Modality, count(*) AS series, sum(n_instances)::BIGINT AS instances,
       round(sum(file_size_bytes_sum) / 1e6, 1) AS size_mb
FROM series
GROUP BY ALL
ORDER BY series DESC
