-- How far each dose per weight is from the typical one of its radiopharmaceutical: the median over
-- studies, which count by their representative series, in units of the spread (Iglewicz and Hoaglin
-- 1993, with 1.4826 MAD for the standard deviation). Names are compared without case; those without
-- a name are a group of their own. Without any spread there is no distance but that of the median.
CREATE MACRO distance(x, middle, spread) AS
    CASE WHEN spread > 0 THEN finite(abs(x - middle) / spread) WHEN x = middle THEN 0.0 END;

CREATE TABLE dose_distances AS
WITH doses AS (
    SELECT
        nth,
        coalesce(upper(trim(Radiopharmaceutical)), '') AS agent,
        dose_per_kg_MBq AS dose,
        is_representative
    FROM quality_source JOIN quality_values USING (nth) JOIN representatives USING (nth)
    WHERE dose_per_kg_MBq IS NOT NULL
),
middles AS (
    SELECT agent, median(dose) AS middle
    FROM doses
    WHERE is_representative
    GROUP BY agent
    HAVING count(*) >= getvariable('dose_robust_n')
),
typical AS (
    SELECT agent, min(middle) AS middle, 1.4826 * median(abs(dose - middle)) AS spread
    FROM doses JOIN middles USING (agent)
    WHERE is_representative
    GROUP BY agent
)
SELECT nth, distance(dose, middle, spread) AS dose_robust_z
FROM doses JOIN typical USING (agent);
