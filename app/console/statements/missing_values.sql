-- How often attributes that studies rely on are missing, by manufacturer
SELECT Manufacturer, count(*) AS series,
       count(*) FILTER (BodyPartExamined IS NULL) AS without_body_part,
       count(*) FILTER (ProtocolName IS NULL) AS without_protocol,
       count(*) FILTER (SeriesDescription IS NULL) AS without_description
FROM series
GROUP BY ALL
ORDER BY series DESC
