SELECT rule, severity, count(*) AS findings, sum(n_affected)::BIGINT AS affected,
       any_value(message) AS example
FROM findings
GROUP BY ALL
ORDER BY findings DESC
