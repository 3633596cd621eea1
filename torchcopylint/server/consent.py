"""An interpreter that the project names → whether the user allows it to start; asked once for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from torchcopylint.confirm.interpreter import Interpreter
from torchcopylint.report.harmless import harmless

START, LEAVE = "Start it", "Do not start it"

Request = Callable[[types.ShowMessageRequestParams], Awaitable[types.MessageActionItem | None]]
"""Shows a message with answers to choose from; None if the user chose none."""


@dataclass(slots=True)
class Consents:
    """What the user said about interpreters, by their paths; kept as long as the server lives."""

    said: dict[str, bool] = field(default_factory=dict)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def to(self, interpreter: Interpreter, request: Request) -> bool:
        """Whether the interpreter may start. What the user chose need not be asked; no answer is none for now."""
        if not interpreter.said_in:
            return True
        async with self.one_at_a_time:
            if interpreter.path not in self.said:
                try:
                    answer = await request(_question(interpreter))
                except JsonRpcException:  # a client that cannot ask
                    return False
                if answer is None:
                    return False
                self.said[interpreter.path] = answer.title == START
            return self.said[interpreter.path]


def _question(interpreter: Interpreter) -> types.ShowMessageRequestParams:
    text = (
        f"torchcopylint: to confirm this, {interpreter.path!r} would be started, because {interpreter.said_in} names "
        "it. Start it only if you trust this project."
    )
    answers = [types.MessageActionItem(START), types.MessageActionItem(LEAVE)]
    return types.ShowMessageRequestParams(types.MessageType.Warning, harmless(text), answers)
