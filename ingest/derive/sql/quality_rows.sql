-- The quality values as columns of series, in the order in which series are written.
SELECT {columns} FROM series_quality JOIN quality_source USING (nth) ORDER BY nth
