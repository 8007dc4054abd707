-- Which series of CT show one irradiation, which of them stands for it, and by which protocol a study
-- was examined. The number of an irradiation is that of the series that stands for it.
CREATE TABLE irradiations AS
SELECT
    o.nth,
    first_value(o.nth) OVER irradiation AS ct_irradiation,
    row_number() OVER irradiation AS ct_reconstruction
FROM quality_source AS o
WHERE {irradiated}
WINDOW irradiation AS (PARTITION BY {irradiation} ORDER BY {reconstructions});

CREATE TABLE ct_protocols AS
SELECT o.study, {ct_protocol} AS ct_protocol
FROM quality_source AS o
WHERE o.Modality = 'CT' AND NOT o.is_localizer AND o.study IS NOT NULL
GROUP BY o.study;
