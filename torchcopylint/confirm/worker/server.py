"""A process that imports torch once and forks for each program; questions and answers are lines of JSON."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from typing import Any

GRACE = 2.0


def serve(seconds: int) -> None:
    """Answer questions until there are no more; where there is no fork, one question, enclosed as well as can be."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    try:
        import torch
    except Exception as error:  # whatever ails it: this interpreter is of no use
        print(json.dumps({"failed": f"{type(error).__name__}: {error}"}), file=answers, flush=True)
        return
    forks = hasattr(os, "fork") and not os.environ.get("TORCHCOPYLINT_NO_FORK")
    _warm_up()
    print(json.dumps({"ready": torch.__version__, "forks": forks}), file=answers, flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        if not forks:
            from torchcopylint.confirm.worker.sandbox import enclose

            force = enclose(seconds, answers.fileno())
            print(json.dumps({**_answer(job), "force": force}), file=answers, flush=True)
            return
        print(json.dumps(_forked(job, seconds)), file=answers, flush=True)


def _warm_up() -> None:
    """Import what torch imports at the first use of this or that, so that no fork has to."""
    from torchcopylint.confirm.worker.trial import trial

    text = (
        "def program():\n    model = given('model', 'module')\n    x = given('x', 'tensor')\n"
        "    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n    model(x).sum().backward()\n"
        "    optimizer.step()\n    mark('before')\n    made = copy.deepcopy(model.state_dict())\n    mark('after')\n"
    )
    job: dict[str, Any] = {"kind": "cost", "facts": {}, "written": text, "fixed": text, "hints": {}, "tests": 0}
    trial({**job, "written_lines": [], "fixed_lines": [], "budget": 20.0})


def _forked(job: dict[str, Any], seconds: int) -> dict[str, Any]:
    """The answer of a process of its own; whatever happens to it, this one goes on."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _child(job, seconds, writer)
    os.close(writer)
    text, late = _read(reader, seconds + GRACE)
    os.close(reader)
    for target in (child, -child):
        try:
            os.kill(target, signal.SIGKILL)
        except OSError:
            pass
    _, status = os.waitpid(child, 0)
    if text.endswith(b"\n"):
        answer: dict[str, Any] = json.loads(text)
        return answer
    if late:
        return {"outcome": "inconclusive", "reason": f"it was stopped after {seconds} seconds"}
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number == getattr(signal, "SIGXCPU", -1):
        return {"outcome": "inconclusive", "reason": f"it was stopped after {seconds} seconds of computing"}
    how = f"was ended by {signal.Signals(number).name}" if number else "ended without an answer"
    return {"outcome": "inconclusive", "reason": f"the program {how}"}


def _child(job: dict[str, Any], seconds: int, writer: int) -> None:
    """In the fork: enclosed, it runs the program, answers, and ends."""
    code = 1
    try:
        os.setsid()
        from torchcopylint.confirm.worker.sandbox import enclose

        force = enclose(seconds, writer)
        answer = (json.dumps({**_answer(job), "force": force}) + "\n").encode()
        while answer:
            answer = answer[os.write(writer, answer) :]
        code = 0
    except BaseException:
        pass
    finally:
        os._exit(code)


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    from torchcopylint.confirm.worker.trial import pattern, trial

    try:
        return pattern(job) if job["kind"] == "pattern" else trial(job)
    except MemoryError:
        return {"outcome": "inconclusive", "reason": "it needs more memory than a program may have"}
    except BaseException as error:
        return {"outcome": "inconclusive", "reason": f"the trial itself failed: {type(error).__name__}: {error}"[:200]}


def _read(pipe: int, seconds: float) -> tuple[bytes, bool]:
    """What comes from a pipe until it is closed, a line is complete, or the time is over; whether it was."""
    text, end = b"", time.monotonic() + seconds
    while not text.endswith(b"\n"):
        left = end - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return text, True
        more = os.read(pipe, 65536)
        if not more:
            break
        text += more
        if len(text) > 4_000_000:
            break
    return text, False
