"""Which statements may be run: people's questions, and nothing that writes or looks elsewhere."""

from __future__ import annotations

import duckdb
import pytest

from app.errors import StatementRefused
from app.statement import (
    MAX_LENGTH,
    MAX_NESTING,
    TABLE_FUNCTIONS,
    check_statement,
    place,
    plan_of,
)

READING = [
    "SELECT 1",
    "select * from series where Modality = 'MR' order by 1;",
    "FROM series",
    "TABLE series",
    "VALUES (1, 'a'), (2, 'b')",
    "(SELECT 1) UNION ALL (SELECT 2)",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 9) FROM a",
    "DESCRIBE series",
    "DESCRIBE SELECT 1",
    "SUMMARIZE series",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "explain (analyze, format json) select 1",
    "PIVOT series ON Modality IN ('MR', 'CT') USING count(*)",
    "UNPIVOT series ON Rows, Columns",
    "SELECT * FROM range(3), unnest([1, 2]) AS t(x)",
    "SELECT list_transform([1, 2], lambda x: x + 1), regexp_replace('a', 'b', 'c')",
    "SELECT count(*) FILTER (WHERE x > 1) OVER (PARTITION BY y) FROM (VALUES (1, 2)) AS t(x, y)",
    "-- COPY (SELECT 1) TO 'x'\nSELECT 'COPY; ATTACH; getenv()' AS \"INSERT INTO\"",
    "SELECT 'write_log', $$read_csv('/etc/passwd')$$",
    "SELECT * FROM duckdb_columns()",
]

WRITING = [
    "CREATE TABLE t AS SELECT 1",
    "CREATE VIEW series AS SELECT 1",
    "CREATE MACRO f(x) AS x",
    "CREATE SECRET s (TYPE s3)",
    "INSERT INTO series VALUES (1)",
    "UPDATE series SET Modality = 'CT'",
    "DELETE FROM series",
    "DROP VIEW series",
    "ALTER VIEW series RENAME TO s",
    "TRUNCATE series",
    "MERGE INTO series USING (SELECT 1) AS x ON true WHEN MATCHED THEN DELETE",
    "COPY (SELECT 1) TO '{open}/stolen.csv'",
    "COPY series FROM '{open}/x.csv'",
    "EXPORT DATABASE '{open}/all'",
    "IMPORT DATABASE '{open}/all'",
    "WITH x AS (COPY (SELECT 1) TO '{open}/stolen.csv') FROM x",
    "WITH x AS (INSERT INTO series VALUES (1) RETURNING *) FROM x",
    "WITH x AS (DELETE FROM series RETURNING *) SELECT * FROM x",
    "SELECT (WITH x AS (UPDATE series SET Modality = '' RETURNING 1) SELECT * FROM x)",
    "SELECT * FROM (WITH x AS (COPY (SELECT 1) TO '{open}/stolen.csv') FROM x)",
    "SELECT 1 WHERE EXISTS (WITH x AS (COPY (SELECT 1) TO '{open}/s.csv') FROM x)",
    "SUMMARIZE WITH x AS (COPY (SELECT 1) TO '{open}/stolen.csv') FROM x",
    "DESCRIBE WITH x AS (COPY (SELECT 1) TO '{open}/stolen.csv') FROM x",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{open}/stolen.csv'",
    "EXPLAIN (ANALYZE) COPY (SELECT 1) TO '{open}/stolen.csv'",
    "EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO '{open}/stolen.csv'",
    "EXPLAIN ANALYZE WITH x AS (COPY (SELECT 1) TO '{open}/stolen.csv') FROM x",
    "EXPLAIN ANALYZE INSERT INTO series VALUES (1)",
    # Where comments nest, the copy is what is explained; where they do not, the selection is.
    "EXPLAIN ANALYZE /* /* */ SELECT 1 -- */ COPY (SELECT 1) TO '{open}/stolen.csv'",
    "/* /* */ EXPLAIN ANALYZE SELECT 1 -- */ COPY (SELECT 1) TO '{open}/stolen.csv'",
    "EXPLAIN EXPLAIN ANALYZE COPY (SELECT 1) TO '{open}/stolen.csv'",
]

LOOKING_ELSEWHERE = [
    "FROM read_csv('/etc/passwd')",
    "FROM read_text('/etc/passwd')",
    "FROM read_blob('/etc/passwd')",
    "FROM READ_CSV_AUTO('/etc/passwd')",
    "FROM main.read_text('/etc/passwd')",
    "FROM system.main.read_text('/etc/passwd')",
    "FROM \"read_text\"('/etc/passwd')",
    "SELECT * FROM series, LATERAL (SELECT * FROM read_text('/etc/passwd'))",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT 1 ORDER BY (SELECT count(*) FROM glob('/*'))",
    "VALUES ((SELECT count(*) FROM glob('/*')))",
    "PIVOT (FROM glob('/*')) ON file IN ('/etc') USING count(*)",
    "FROM read_parquet('{phi}/**/*.parquet')",
    "FROM parquet_scan('{phi}/batches/*/*.parquet')",
    "FROM parquet_metadata('{phi}/batches/*/*.parquet')",
    "FROM parquet_kv_metadata('{open}/*')",
    "FROM parquet_schema('{open}/*')",
    "FROM read_json('{phi}/x.json')",
    "FROM read_duckdb('{open}/x.db')",
    "FROM sniff_csv('/etc/passwd')",
    "FROM glob('{open}/../phi/**')",
    "FROM glob('/**')",
    "SELECT getenv('HOME')",
    "SELECT 'HOME'.getenv()",
    "SELECT list_transform(['HOME'], lambda x: getenv(x))",
    "FROM query('SELECT 1')",
    "FROM query('WITH x AS (COPY (SELECT 1) TO ''{open}/stolen.csv'') FROM x')",
    "FROM query_table('series')",
    "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "SELECT json_execute_serialized_sql('x')",
    "FROM pandas_scan(140000000000)",
    "FROM arrow_scan(1, 2, 3)",
    "FROM python_map_function(1)",
    "FROM enable_logging(storage = 'file', storage_path = '{open}/log')",
    "FROM enable_profiling()",
    "FROM checkpoint()",
    "FROM truncate_duckdb_logs()",
    "FROM duckdb_secrets()",
    "FROM duckdb_settings()",
    "FROM which_secret('s3://x', 's3')",
    "SELECT write_log('x')",
    "SELECT sleep_ms(60000)",
    "SELECT pg_sleep(60)",
]

OTHER = [
    "ATTACH '{open}/x.db'",
    "ATTACH ':memory:' AS m",
    "DETACH memory",
    "USE memory",
    "INSTALL httpfs",
    "LOAD json",
    "FORCE INSTALL httpfs FROM 'http://127.0.0.1/'",
    "UPDATE EXTENSIONS",
    "SET threads = 1",
    "RESET threads",
    "SET VARIABLE x = 1",
    "SET lock_configuration = false",
    "PRAGMA version",
    "PRAGMA enable_profiling",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "CALL enable_logging()",
    "CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "DEALLOCATE p",
    "EXPLAIN PREPARE p AS SELECT 1",
    "EXPLAIN CREATE TABLE t AS SELECT 1",
    "PIVOT series ON Modality USING count(*)",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '{open}/stolen.csv'",
    "EXPLAIN SELECT 1; SELECT 2",
    "COMMENT ON VIEW series IS 'x'",
    ".shell ls",
    ".read x.sql",
]

NONSENSE = [
    "",
    "   ",
    ";",
    "-- only this",
    "/* unfinished",
    "SELEKT 1",
    "SELECT",
    "'",
    "\0",
    "SELECT\0 1",
    "SELECT '\udcff'",
    "⚕",
]


@pytest.mark.parametrize("text", READING)
def test_reading_is_allowed(text: str) -> None:
    checked = check_statement(text)
    assert text.rstrip(";").endswith(checked)  # DuckDB may leave out a comment before it
    assert check_statement(checked) == checked


@pytest.mark.parametrize("text", [*WRITING, *LOOKING_ELSEWHERE, *OTHER, *NONSENSE])
def test_all_else_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(StatementRefused, match=r"\w") as refused:
        check_statement(text.format(open="/bank/open", phi="/bank/phi"))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * (MAX_NESTING + 1) + "1" + ")" * (MAX_NESTING + 1),
        "SELECT * FROM " + "(SELECT * FROM " * 100_000 + "series" + ")" * 100_000,
        "SELECT " + "[" * 5_000 + "]" * 5_000,
        "SELECT 1" + " + 1" * 5_000,
        "SELECT " + "- " * 9_000 + "1",
        "SELECT " + "NOT " * 4_900 + "true",
        "SELECT " + "CASE WHEN true THEN " * 900 + "1" + " END" * 900,
        "SELECT '" + "x" * MAX_LENGTH + "'",
        "EXPLAIN " * 2_000 + "SELECT 1",
    ],
    ids=lambda text: f"{text[:20]}... of {len(text)}",
)
def test_what_is_too_deep_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(StatementRefused):
        check_statement(text)


def test_the_lists_say_what_the_engine_does() -> None:
    """Each statement of WRITING that DuckDB can parse is one it would run: none is a straw man."""
    parsed = 0
    for text in WRITING:
        try:
            parsed += len(duckdb.extract_statements(text.format(open="/o")))
        except duckdb.Error:
            continue
    assert parsed >= len(WRITING) - 5


@pytest.mark.parametrize(
    ("statement", "plan"),
    [
        ("FROM series", "EXPLAIN (FORMAT json) FROM series"),
        ("EXPLAIN SELECT 1", "EXPLAIN (FORMAT json) SELECT 1"),
        ("explain\nAnalyze SELECT 1", "EXPLAIN (ANALYZE, FORMAT json) SELECT 1"),
        ("EXPLAIN (ANALYZE, FORMAT html) SELECT 1", "EXPLAIN (ANALYZE, FORMAT json) SELECT 1"),
        ("EXPLAIN (FORMAT html) SELECT 1", "EXPLAIN (FORMAT json) SELECT 1"),
    ],
)
def test_the_plan_of_a_statement(statement: str, plan: str) -> None:
    assert plan_of(check_statement(statement)) == plan
    assert check_statement(plan) == plan


def test_where_it_is_wrong_is_drawn() -> None:
    with pytest.raises(StatementRefused) as refused:
        check_statement("SELECT count(*)\nFROM series\nWHERE a = = 3")
    assert refused.value.place == "LINE 3: WHERE a = = 3\n                  ^"
    assert place(ValueError("nothing of the kind")) == ""
    assert place(ValueError("x\nLINE 1: a\nnot marks")) == ""


def test_the_allowed_functions_exist() -> None:
    query = "SELECT DISTINCT function_name FROM duckdb_functions()"
    with duckdb.connect() as connection:
        known = {name for (name,) in connection.execute(query).fetchall()}
    assert known >= TABLE_FUNCTIONS
