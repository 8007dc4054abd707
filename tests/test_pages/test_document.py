"""The HTML documents of the pages."""

from __future__ import annotations

import re

import pytest
from starlette.requests import Request

from app.ui import document


def answered(page: str, query: str = "") -> tuple[int, dict[str, str], str]:
    """Status, headers and body that the routes of two pages have for an address."""
    (route,) = [r for r in document.routes(["start", "other"], "start") if r.path == f"/{page}"]
    scope = {
        "type": "http", "method": "GET", "path": f"/{page}", "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1")],
    }  # fmt: skip
    answer = route.endpoint(Request(scope))
    return answer.status_code, dict(answer.headers), answer.body.decode()


def test_a_page_names_the_server_before_any_script_runs() -> None:
    status, headers, body = answered("other")
    assert status == 200
    assert headers["cache-control"] == "no-cache"
    assert headers["content-type"] == "text/html; charset=utf-8"
    scripts = re.findall(r"<script.*?</script>", body, re.DOTALL)
    assert scripts[0] == document.TOLD.strip()
    assert len(scripts) > 1
    assert body.replace(document.TOLD, "") == document.INDEX.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("query", "address"), [("", "./"), ("databank=a&modality=CT", "./?databank=a&modality=CT")]
)
def test_the_first_page_has_no_name(query: str, address: str) -> None:
    status, headers, _ = answered("start", query)
    assert status == 307
    assert headers["location"] == address


def test_a_document_without_scripts_is_not_streamlits() -> None:
    with pytest.raises(ValueError, match="no script"):
        document.told("<html></html>")
