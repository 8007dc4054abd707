"""A choice outlives a change of the words of its options."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from app.ui.choice import choose

    number = st.session_state.setdefault("number", 2)
    options = ["all", "odd", "even"][: 3 if number else 1]
    found = choose("Which", options, "which", lambda name: f"{name} ({number})", first="odd")
    st.markdown(f"It is {found}.")


def test_a_choice_outlives_other_words() -> None:
    app = AppTest.from_function(script).run()
    assert (app.selectbox[0].value, app.markdown[0].value) == ("odd", "It is odd.")
    app.selectbox[0].select("even").run()
    assert app.markdown[0].value == "It is even."
    for number in (1, 7):
        app.session_state["number"] = number
        app.run()
        assert app.selectbox[0].options[2] == f"even ({number})"
        # what is sent to the browser, so that it shows the new words
        assert app.selectbox[0].proto.raw_value == f"even ({number})"
        assert app.selectbox[0].proto.set_value
        assert app.markdown[0].value == "It is even."
        app.run()
        assert app.markdown[0].value == "It is even."
    app.selectbox[0].select("all").run()
    assert app.markdown[0].value == "It is all."


def test_what_is_no_option_any_more_is_not_chosen() -> None:
    app = AppTest.from_function(script).run()
    app.selectbox[0].select("even").run()
    app.session_state["number"] = 0
    app.run()
    assert (app.markdown[0].value, app.selectbox[0].value) == ("It is all.", "all")
    assert not app.exception
    assert not app.warning
