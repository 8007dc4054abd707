-- What the instances and frames of some series are, told apart by image type, part of complex data,
-- echo time and b-value, and how many frames are so. Series are those of mr_mixed; frames say it of
-- themselves where they are listed, else their instance says it.
WITH kept AS (
    SELECT
        c.row,
        i.instance_id,
        {image_type} AS image_type,
        {component} AS component,
        {echo} AS echo,
        {b_value} AS b_value,
        {frames} AS n
    FROM instances AS i
    JOIN mr_mixed AS c
        ON i.SeriesInstanceUID IS NOT DISTINCT FROM c.SeriesInstanceUID
        AND i.StudyInstanceUID IS NOT DISTINCT FROM c.StudyInstanceUID
    ANTI JOIN dropped AS d ON i.instance_id = d.file_id
),
told AS (
    SELECT
        k.row,
        coalesce(backslashed(f.FrameType), k.image_type) AS image_type,
        coalesce(f.ComplexImageComponent, k.component) AS component,
        coalesce(f.EchoTime, k.echo) AS echo,
        coalesce(f.b_value, k.b_value) AS b_value,
        1 AS n
    FROM kept AS k JOIN frames AS f USING (instance_id)
    UNION ALL
    SELECT row, image_type, component, echo, b_value, greatest(coalesce(n, 1), 1) AS n
    FROM kept ANTI JOIN frames USING (instance_id)
)
SELECT
    row,
    nullif(image_type, '') AS image_type,
    nullif(component, '') AS component,
    round(finite(echo), 2) + 0.0 AS echo,
    finite(b_value) AS b_value,
    CAST(sum(n) AS BIGINT) AS volume_frames
FROM told
GROUP BY ALL
