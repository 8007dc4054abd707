"""What is wrong with a template, in the language of the page."""

from __future__ import annotations

from app.i18n import Texts
from ingest.templates import TemplateInvalid
from ingest.templates.wrong import Wrong


def said(t: Texts, error: TemplateInvalid) -> str:
    """All that is wrong, behind the name of the template where that is told."""
    told = " ".join(_sentence(t, one) for one in error.wrong)
    return t("template_wrong.of", name=error.name, said=told) if error.name else told


def _sentence(t: Texts, one: Wrong) -> str:
    values = {
        name: t.any_of(list(value)) if isinstance(value, tuple) else value
        for name, value in one.values.items()
    }
    return t(f"template_wrong.{one.what}", **values)
