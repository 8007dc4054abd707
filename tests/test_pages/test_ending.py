"""A run that ends early answers afterwards what was clicked meanwhile."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def ends_early() -> None:
    """A page with a dialog's part, which ends before its last line; clicked in the first run."""
    import streamlit as st
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

    from app.ui import ending

    @st.fragment(key="part")
    def part() -> None:
        st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
        st.write(f"drawn {st.session_state['drawn']} times")

    part()
    context = get_script_run_ctx()
    assert context is not None
    assert context.script_requests is not None
    if st.session_state["drawn"] == 1:
        queue = context.fragment_storage.resolve_target("part")
        context.script_requests.request_rerun(RerunData(fragment_id_queue=queue))
    if st.session_state.get("by_streamlit"):
        st.stop()  # noqa: TID251 - what the test shows not to do
    ending.end()
    st.write("never")


@pytest.mark.parametrize(("by_streamlit", "drawn"), [(False, 2), (True, 1)])
def test_a_click_during_a_run_that_ends_early_is_answered(by_streamlit: bool, drawn: int) -> None:
    app = AppTest.from_function(ends_early, default_timeout=20)
    app.session_state["by_streamlit"] = by_streamlit
    app.run()
    assert not app.exception
    assert app.session_state["drawn"] == drawn, "Streamlit's own end drops it: still so?"
