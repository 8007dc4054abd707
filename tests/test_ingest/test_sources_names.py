"""Names survive storage and stay apart."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources import SourceUnreachable, folder, printable, resolve, restored
from ingest.sources.names import MemberUris

ANY_TEXT = st.text(st.characters(exclude_categories=()))
TRICKY = st.text(st.sampled_from("%25FFuD8a\udc80\udcff\ud800"))


@settings(deadline=None)
@given(ANY_TEXT | TRICKY)
def test_printable_is_utf8_and_comes_back(uri: str) -> None:
    text = printable(uri)
    assert text.encode("utf-8").decode("utf-8") == text
    assert restored(text) == uri


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_of_a_file_name_come_back(name: bytes) -> None:
    assert os.fsencode(restored(printable(os.fsdecode(name)))) == name


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("/data/Zürich/100%.dcm", "/data/Zürich/100%.dcm"),
        ("/data/a%20b", "/data/a%20b"),
        ("/data/\udcff", "/data/%FF"),
        ("/data/%FF", "/data/%25FF"),
        ("/data/%25FF", "/data/%2525FF"),
        ("/data/\ud800", "/data/%uD800"),
    ],
)
def test_printable_changes_only_what_it_has_to(uri: str, text: str) -> None:
    assert printable(uri) == text


@settings(deadline=None)
@given(st.lists(st.text("a#23", max_size=5)))
def test_member_uris_are_never_given_twice(names: list[str]) -> None:
    uris = MemberUris("x.zip")
    given_out = [uris.of(name) for name in names]
    assert len(set(given_out)) == len(names)
    for index, name in enumerate(names):
        if name not in names[:index] and not name.count("#"):
            assert given_out[index] == "x.zip!/" + name


def test_repeated_names_are_numbered() -> None:
    uris = MemberUris("x.zip")
    found = [uris.of(name) for name in ("a", "a", "a#3", "a", "a")]
    assert found == ["x.zip!/a", "x.zip!/a#2", "x.zip!/a#3", "x.zip!/a#4", "x.zip!/a#5"]


def test_a_path_is_a_source_and_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    source = resolve("some/place")
    assert (source.scheme, source.root) == ("file", "/some/place")
    assert source.walk is folder.walk


@pytest.mark.parametrize("text", ["file:///a%20b/c", "file://localhost/a%20b/c", "FILE:///a b/c"])
def test_a_file_uri_is_a_path(text: str) -> None:
    assert resolve(text).root == "/a b/c"


@pytest.mark.parametrize("text", ["ftp://server/secret", "file://server/secret"])
def test_other_schemes_and_machines_are_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SourceUnreachable, match=r"file:.*\.$") as caught:
        resolve(text)
    assert "secret" not in str(caught.value)
    assert "server" not in str(caught.value)
