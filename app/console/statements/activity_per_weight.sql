-- Injected activity of PET series against the patient's weight
SELECT Radiopharmaceutical, PatientWeight AS weight_kg,
       round(RadionuclideTotalDose / 1e6, 1) AS activity_mbq,
       round(RadionuclideTotalDose / 1e6 / PatientWeight, 2) AS mbq_per_kg
FROM series
WHERE Modality = 'PT' AND RadionuclideTotalDose > 0 AND PatientWeight > 0
GROUP BY ALL
ORDER BY mbq_per_kg DESC
