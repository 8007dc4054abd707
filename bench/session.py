"""A session of the app without a browser: the websocket that Streamlit's front end speaks.

What is timed is from the wish to see a page to the end of its script, all messages received: the
work of the server and the way over loopback, without drawing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

SECONDS = 120


@dataclass
class Seen:
    """What a run of the script sent: seconds, bytes, and the texts and widgets that were in it."""

    seconds: float
    n_bytes: int
    titles: list[str] = field(default_factory=list)
    metrics: dict[str, str] = field(default_factory=dict)
    exceptions: list[str] = field(default_factory=list)
    multiselects: dict[str, str] = field(default_factory=dict)
    """Widget id of each multiselect, by its key."""


class Session:
    """One visitor; use it in a ``with``."""

    def __init__(self, port: int) -> None:
        self._url = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._origin = f"http://127.0.0.1:{port}"
        self._socket: ClientConnection | None = None
        self._states: dict[str, WidgetState] = {}

    def __enter__(self) -> Session:
        self._socket = connect(
            self._url, origin=self._origin, subprotocols=["streamlit"], max_size=None,  # type: ignore[arg-type,list-item]
            open_timeout=SECONDS, ping_interval=None,
        )  # fmt: skip
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._socket is not None:
            self._socket.close()

    def visit(self, page: str, query: str = "") -> Seen:
        """Open a page at an address."""
        return self._run(ClientState(page_name=page, query_string=query))

    def choose(self, page: str, query: str, widget: str, values: list[str]) -> Seen:
        """Choose values of a multiselect, as a click does."""
        state = WidgetState(id=widget)
        state.string_array_value.data.extend(values)
        self._states[widget] = state
        return self._run(ClientState(page_name=page, query_string=query))

    def _run(self, client: ClientState) -> Seen:
        assert self._socket is not None
        client.widget_states.widgets.extend(self._states.values())
        message = BackMsg(rerun_script=client)
        began = time.perf_counter()
        self._socket.send(message.SerializeToString())
        seen = Seen(0.0, 0)
        started = False
        while True:
            data = self._socket.recv(timeout=SECONDS)
            assert isinstance(data, bytes)
            seen.n_bytes += len(data)
            answer = ForwardMsg()
            answer.ParseFromString(data)
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                started = True
            elif kind == "delta":
                _note(seen, answer)
            elif kind == "script_finished" and started:
                if answer.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                seen.seconds = time.perf_counter() - began
                return seen


def _note(seen: Seen, answer: ForwardMsg) -> None:
    element = answer.delta.new_element
    kind = element.WhichOneof("type")
    if kind == "exception":
        seen.exceptions.append(element.exception.message)
    elif kind == "heading":
        seen.titles.append(element.heading.body)
    elif kind == "metric":
        seen.metrics[element.metric.label] = element.metric.body
    elif kind == "multiselect":
        seen.multiselects[element.multiselect.id.rpartition("-")[2]] = element.multiselect.id
