"""The geometry of a study's series as a table, and that of one series as pictures and sentences."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app.charts import geometry
from app.charts.geometry import Stack
from app.i18n import Texts
from app.ui import tables
from app.ui.pictures import palette, picture
from app.ui.tables import Row, Shown
from app.ui.view import NO_UID, View

MOST_PICTURES = 4


def of_study(view: View, study: str) -> Row | None:
    """A row for each series of images; gives the one that was opened."""
    t = view.texts
    frame = view.ask("study_geometry", study=study)
    if frame.is_empty():
        st.info(t("study.no_images"))
        return None
    st.caption(t("study.geometry_hint"))
    planes = {name: t(f"plane.{name}") for name in geometry.PLANES}
    worded = frame.with_columns(pl.col("plane").replace(planes))
    return tables.whole(
        view, worded, "study_geometry", Shown("SeriesDescription", hidden=("SeriesInstanceUID",))
    )


def of_series(view: View, series: dict[str, Any], members: pl.DataFrame) -> None:
    """The stacks of a series: a sentence, and a picture where there is more than one position."""
    t = view.texts
    images = members.filter(pl.col("n_frames") > 0)
    if images.is_empty():
        st.info(t("series.no_image"))
        return
    if (series["n_frames_sum"] or 0) > images.height:
        study, uid = series["StudyInstanceUID"], series["SeriesInstanceUID"]
        frames = view.ask("series_frames", study=study or NO_UID, series=uid or NO_UID)
        images = with_frames(images, frames)
    found = geometry.stacks(images)
    if not found:
        st.info(t("series.no_positions"))
        return
    if len(found) > MOST_PICTURES and all(len(stack.positions) == 1 for stack in found):
        st.info(t("series.rotating", n=t.number(len(found))))
        return
    st.caption(t("series.geometry_hint"))
    for number, stack in enumerate(found[:MOST_PICTURES]):
        where = plane(t, stack)
        title = f"{where[:1].upper()}{where[1:]} · {t.count('images', stack.n_images)}"
        if len(stack.positions) > 1:
            figure = geometry.slices(stack, t, palette())
            picture(title, figure, f"slices_{number}", " ".join(sentences(t, stack)))
        else:
            st.markdown(f"**{title}**")
            st.caption(" ".join(sentences(t, stack)))
    if len(found) > MOST_PICTURES:
        st.caption(t("series.more_stacks", n=t.number(len(found) - MOST_PICTURES)))
    n_unknown = images.height - sum(stack.n_images for stack in found)
    if n_unknown and len(found) < geometry.MOST_STACKS:
        st.caption(t("series.unplaced", images=t.count("images", n_unknown)))


def with_frames(images: pl.DataFrame, frames: pl.DataFrame) -> pl.DataFrame:
    """Frames in place of the instances that have them; the others are a frame themselves."""
    columns = ("slice_position_mm", "slice_normal", "ImagePositionPatient")
    single = images.join(frames.select("instance_id").unique(), on="instance_id", how="anti")
    return pl.concat([single.select(columns), frames.select(columns)])


def plane(t: Texts, stack: Stack) -> str:
    """The plane, and how far it is tilted, if it is by a degree or more."""
    name = t(f"plane.{stack.plane}")
    if stack.tilt_degrees < 1:
        return name
    return t("series.tilted", plane=name, angle=t.number(stack.tilt_degrees))


def sentences(t: Texts, stack: Stack) -> list[str]:
    """What the picture shows, in words: spacing, gaps, what is there too often or rarely."""
    if stack.spacing_mm is None:
        return [t("series.one_position")]
    told = [
        t(
            "series.stack_mostly" if stack.n_more + stack.n_fewer else "series.stack",
            positions=t.count("positions", len(stack.positions)),
            images=t.count("images", stack.usual), spacing=t.number(stack.spacing_mm, 2),
        )
    ]  # fmt: skip
    if stack.gaps:
        missing = sum(gap.n_missing for gap in stack.gaps)
        told.append(t("series.gaps", n=t.count("gaps", len(stack.gaps)), missing=t.number(missing)))
    if stack.n_more:
        told.append(t("series.more_images", positions=t.count("positions", stack.n_more)))
    if stack.n_fewer:
        told.append(t("series.fewer_images", positions=t.count("positions", stack.n_fewer)))
    if stack.n_uneven:
        told.append(t("series.uneven", steps=t.count("steps", stack.n_uneven)))
    if stack.shear_degrees > geometry.SHEARED_DEGREES:
        told.append(t("series.sheared", angle=t.number(stack.shear_degrees, 1)))
    if len(told) == 1:
        told.append(t("series.regular"))
    return told
