-- Findings of one rule ($rule) about the series that the filters leave.
SELECT *
FROM findings
WHERE rule = $rule
    AND (coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')) IN (
        SELECT (coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')) FROM series
    )
