"""Settings → the interpreter that is started, and whether that is for a project to say, or for its user."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass

from torchcopylint.config import Confirm
from torchcopylint.config.file import beside, key_in
from torchcopylint.config.user import place
from torchcopylint.confirm.session import DEADLINE, NoTorch
from torchcopylint.files.checkout import Checkout


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The absolute path of an executable; said_in: the project's file and key that name it, "" if the user chose it.

    spelled: its name in that file; deadline: the seconds for each program.
    """

    path: str
    deadline: int
    said_in: str = ""
    spelled: str = ""


def chosen(asked: str | None, own: Confirm, said: Confirm | None, checkout: Checkout) -> Interpreter:
    """What is to be started: as the command line says, else the user's own file, else the project's, else this one.

    The user's own file counts as the project's where it lies in there. Raises NoTorch where nothing has that name.
    """
    said = said or Confirm()
    deadline = own.deadline or said.deadline or DEADLINE
    if asked is not None:
        return Interpreter(os.path.abspath(os.path.expanduser(_found(asked, "--python"))), deadline)
    confirm = own if own.python else said
    if not confirm.python:
        return Interpreter(sys.executable, deadline)
    key = f"{confirm.file}: {key_in('confirm.python', confirm.file)}"
    path = beside(confirm.file, _found(confirm.python, key))
    trusted = confirm is own and not checkout.holds(own.file)
    return Interpreter(path, deadline, "" if trusted else key, confirm.python)


def permit(interpreter: Interpreter, checkout: Checkout) -> None:
    """Raises NoTorch where a project names what it may itself have brought along."""
    if not interpreter.said_in:
        return
    spelled = os.path.expanduser(interpreter.spelled)
    if os.path.splitdrive(spelled)[0].startswith(("\\\\", "//")):
        why = "is on another machine"
    elif os.path.dirname(spelled) and not os.path.isabs(spelled):
        why = f"is {interpreter.path!r}, which comes with the project that names it"
    elif root := checkout.holds(interpreter.path):
        found = "" if interpreter.path == spelled else f"is {interpreter.path!r}, which "
        why = f"{found}lies in the linted project {root!r}"
    else:
        return
    yours = f", or as `python` under [confirm] in your user configuration, {place()}" if place() else ""
    advice = f"if you trust it, name it with --python{yours}"
    raise NoTorch(f"{interpreter.said_in}: {interpreter.spelled!r} {why}, so it is not started; {advice}")


def _found(python: str, key: str) -> str:
    """A path as it is; for a mere name, what PATH has under it."""
    if os.path.dirname(python):
        return python
    found = shutil.which(python)
    if found is None:
        raise NoTorch(f"{key}: {python!r} is not a command on PATH")
    if not os.path.isabs(found):
        found = os.path.abspath(found)
        raise NoTorch(
            f"{key}: {python!r} is {found!r}, found through a relative entry of PATH; if you want that, write this path"
        )
    return found
