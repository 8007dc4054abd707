"""The command line: every command by its name, in the order in which people meet them.

Importing this must stay cheap, as every start pays for it: the commands import DuckDB, Polars and
the like when they run.
"""

from __future__ import annotations

from collections.abc import Callable

import typer

from app.commands import (
    check,
    compact,
    databanks,
    demo,
    export,
    header,
    metadata,
    mr,
    qa,
    report,
    schema,
    serve,
    sql,
    test,
    version,
    workbook,
)
from ingest import job

COMMANDS: dict[str, typer.Typer | Callable[..., None]] = {
    "demo": demo.command,
    "serve": serve.command,
    "ingest": job.command,
    "databanks": databanks.app,
    "sql": sql.command,
    "export": export.command,
    "workbook": workbook.command,
    "report": report.command,
    "qa": qa.command,
    "mr": mr.command,
    "header": header.command,
    "metadata": metadata.command,
    "schema": schema.command,
    "check": check.command,
    "compact": compact.command,
    "test": test.command,
    "version": version.command,
}


def build() -> typer.Typer:
    """The application with all commands."""
    app = typer.Typer(
        help="Turns any pile of DICOM into a lake of typed tables, and asks it questions.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # its tracebacks show values of variables: identifiers
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name, command in COMMANDS.items():
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        elif name == "test":
            everything = {"allow_extra_args": True, "ignore_unknown_options": True}
            app.command(name, context_settings=everything, add_help_option=False)(command)
        else:
            app.command(name)(command)
    return app
