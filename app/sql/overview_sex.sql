-- Patients by what their headers say of their sex.
SELECT PatientSex AS sex, count(*) AS patients FROM patients GROUP BY sex ORDER BY patients DESC, sex
