-- How many X-ray exposures ($kind) there are, and how many state what: exposure index, deviation
-- index (and within -1 to 1), one that differs by more than 0.1 from the computed one,
-- compression, organ dose, dose area product; $by does not matter.
WITH
{dose_images}
SELECT
    count() AS exposures,
    count(ExposureIndex) AS with_index,
    count(DeviationIndex) AS with_deviation,
    count() FILTER (DeviationIndex BETWEEN -1 AND 1) AS usual,
    count() FILTER (DeviationIndex IS NOT NULL AND deviation_computed IS NOT NULL) AS comparable,
    count() FILTER (abs(DeviationIndex - deviation_computed) > 0.1) AS differing,
    count(CompressionForce) AS with_compression,
    count(organ_dose_mGy) AS with_organ_dose,
    count(dose_area_product_Gycm2) AS with_area_product
FROM measured
