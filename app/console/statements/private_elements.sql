-- Private elements: in how many headers, and an example of their values
SELECT k.creator, k.path, any_value(k.name) AS name, count(DISTINCT e.header_id) AS headers,
       count(DISTINCT e.text) AS distinct_values, any_value(e.text) AS example
FROM header_elements AS e
JOIN element_keys AS k USING (key_id)
WHERE k.creator IS NOT NULL
GROUP BY k.creator, k.path
ORDER BY headers DESC
LIMIT 200
