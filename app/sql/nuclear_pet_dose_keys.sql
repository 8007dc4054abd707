-- Whether any header has values out of a Siemens PET dose report.
SELECT count() AS n FROM element_keys WHERE starts_with(name, 'PetDoseReportData')
