count(*) AS series,
coalesce(sum(n_instances), 0)::BIGINT AS instances,
coalesce(sum(file_size_bytes_sum), 0)::BIGINT AS bytes,
min(StudyDate) AS first_date,
max(StudyDate) AS last_date,
map_entries(histogram(year(StudyDate))) AS years,
count(*) FILTER (StudyDate IS NULL) AS undated_series
