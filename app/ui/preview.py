"""The picture of an instance on the page: drawn when it is asked for, or the reason why not.

A picture may have names burned into it, so while identifiers are hidden asking for it comes with
that hint; and the path of the file is looked up by the server and never shown here.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app import queries
from app.i18n import Texts
from app.kept import Kept
from app.preview import original, pixels
from app.preview import picture as preview
from app.preview.original import Place, Unavailable
from app.preview.picture import Picture
from app.preview.pixels import NoPicture
from app.ui.tables import Row
from app.ui.text import plain
from app.ui.view import View

KEPT_BYTES = 32 * 2**20
WIDTH = 512

_pictures: Kept[tuple[Picture, bool]] = Kept(KEPT_BYTES)


def show(view: View, series: str, instance: Row) -> None:
    """Draw the picture of an instance when asked.

    ``series`` is its UID, ``instance`` its row of the question ``series_instances``.
    """
    t = view.texts
    if not instance["n_frames"]:
        st.info(t("series.no_image"))
        return
    if not _wanted(view, series, instance):
        return
    try:
        with st.spinner(t("preview.reading")):
            made, changed = drawn(view, instance)
    except (Unavailable, NoPicture) as refused:
        st.warning(sentence(t, refused), icon=":material/image_not_supported:")
        return
    st.image(made.png, width=WIDTH, alt=t("preview.alt"))
    st.caption(" · ".join(notes(t, made)))
    if changed:
        st.caption(t("preview.changed"))


def drawn(view: View, instance: Row) -> tuple[Picture, bool]:
    """The picture, and whether the file has changed since; raises Unavailable or NoPicture."""
    assert view.databank is not None
    databank = view.databank._replace(identifiers=True)
    return _pictures.made(
        (queries.state(databank), instance["instance_id"]),
        lambda: _made(databank, instance),
        lambda drawn: len(drawn[0].png) + 1024,
    )


def _made(databank: queries.Databank, instance: Row) -> tuple[Picture, bool]:
    source = queries.ask(
        databank, "instance_source", params={"instance": int(instance["instance_id"])}
    )
    if source.is_empty() or source["uri"][0] is None:
        raise Unavailable("absent")
    found = original.read(Place(*source.row(0)))
    made = preview.picture(found.data, str(instance["SOPInstanceUID"]))
    return made, found.changed


def sentence(t: Texts, refused: Unavailable | NoPicture) -> str:
    """Why there is no picture."""
    syntax = plain(getattr(refused, "syntax", ""))
    size, most = t.size(original.MAX_BYTES), t.number(pixels.MAX_PIXELS)
    return t(f"preview.{refused.reason}", syntax=syntax, size=size, pixels=most)


def notes(t: Texts, made: Picture) -> list[str]:
    """What one should know of the picture: frame, window."""
    told = []
    if made.frames > 1:
        told.append(t("preview.frame", n=t.number(made.frame), frames=t.number(made.frames)))
    if made.window is None:
        told.append(t("preview.colour"))
    elif made.window.black == made.window.white:
        told.append(t("preview.uniform", value=f"{made.window.black:.6g}"))
    else:
        kind = "window" if made.window.from_header else "percentiles"
        black, white = (f"{value:.6g}" for value in made.window[:2])
        told.append(t(f"preview.{kind}", black=black, white=white))
    return told


def _wanted(view: View, series: str, instance: Row) -> bool:
    """Whether pictures of the series were asked for, with identifiers as hidden or shown as now."""
    t = view.texts
    key = f"picture_{series}_{view.identifiers}"
    if st.session_state.get(key):
        return True
    if not view.identifiers:
        st.caption(t("preview.hint"))
    if instance["BurnedInAnnotation"] == "YES":
        st.caption(t("preview.burned_in"))
    st.button(
        t("preview.show"), icon=":material/image:", key="preview_show",
        on_click=partial(st.session_state.__setitem__, key, True),
    )  # fmt: skip
    return False
