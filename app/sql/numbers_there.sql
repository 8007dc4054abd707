-- Which numbers of studies can be filtered by a range because any study has them.
SELECT
    count(uptake_minutes) > 0 AS uptake,
    count(dose_per_kg_MBq) > 0 AS dose_per_kg,
    count(qa_score) > 0 AS score
FROM studies
