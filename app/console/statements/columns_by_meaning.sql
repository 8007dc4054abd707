-- Which columns have to do with time?
SELECT table_name, column_name, data_type
FROM duckdb_columns()
WHERE NOT internal AND column_name ILIKE '%time%'
ORDER BY ALL
