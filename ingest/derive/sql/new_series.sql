-- The series that were made, of all runs.
CREATE VIEW new_series AS
FROM no_series{runs};
