-- Points of each study: the criteria of what its representative series is. The criteria are listed
-- from quality.toml.
CREATE TABLE study_scores AS
WITH standing AS (
    SELECT
        q.*,
        v.* EXCLUDE (nth),
        coalesce(has_dose_report, false) AS study_has_dose_report,
        CASE
            WHEN is_radiopharmaceutical THEN 'nuclear'
            {families}
            ELSE 'other'
        END AS family
    FROM quality_source AS q
    JOIN quality_values AS v USING (nth)
    JOIN (SELECT nth FROM representatives WHERE is_representative) USING (nth)
    LEFT JOIN study_composition AS c ON q.study = c.study
),
judged AS (
    SELECT study, CASE family {missed} END AS judged FROM standing AS s
),
counted AS (
    SELECT study, len(judged) AS qa_score_max, list_filter(judged, lambda x: x IS NOT NULL) AS missed
    FROM judged
)
SELECT study, qa_score_max, missed AS qa_missed, qa_score_max - len(missed) AS qa_score
FROM counted;
