"""Functions of other files: each is interpreted once, for all the files that use it, while its file is kept."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias, cast

from torchcopylint.interpret.state.program import Made, Program
from torchcopylint.ir import TOP, Function, is_foreign, top_of

if TYPE_CHECKING:
    from torchcopylint.domain.identity import Id
    from torchcopylint.project.project import Surroundings

_DEEPEST = 10
"""So many functions are interpreted each because of the one before; what lies deeper is interpreted in place."""
_PER_FILE = 22
"""The power of two that bounds how many identities a file has."""

Key: TypeAlias = tuple[Function, bool, bool]
Enter: TypeAlias = Callable[[Program, Function], object]


def entered_elsewhere(program: Program, function: Function, enter: Enter, interpret: Enter) -> bool:
    """Whether a function is now known because it was interpreted in a program of its own, once for all files.

    enter: how another function is entered there; interpret: how this one is interpreted. A function that leads back to
    itself by way of others, a method, or a function inside another, is interpreted where it is called; so is what the
    code at the top of a file calls in the same file.
    """
    path = _path_of(program, function)
    if path is None or program.surroundings is None or _is_being_defined(program, path):
        return False
    key = (function, program.training, program.across)
    own = _known(program.surroundings, path, key)
    if own is None and not _is_in_place(program.surroundings, path, key):
        own = _interpreted(program, path, key, enter, interpret)
    if own is None:
        return False
    program.absorb(own)
    return function in program.frames


def foreign_ids(surroundings: Surroundings, files: dict[str, Function | None]) -> Callable[[Made], Id | None]:
    """Identities in functions of the files given: they are the same in every program."""

    def found(made: Made) -> Id | None:
        path = _file_of(files, made[0])
        if path is None:
            return None
        ids = cast("dict[Made, Id]", surroundings.notes(path).setdefault("ids", {}))
        if made not in ids:
            first = int.from_bytes(blake2b(path.encode("utf-8", "surrogatepass"), digest_size=4).digest()) + 1
            ids[made] = (first << _PER_FILE) + 2 * len(ids)
        return ids[made]

    return found


def _path_of(program: Program, function: Function) -> str | None:
    """The file of a function that is defined at its top, or of the code there."""
    if not is_foreign(function.qualname) or function.owner:
        return None
    name = function.qualname.rpartition(":")[2]
    return _file_of(program.files, function) if "." not in name or name == TOP else None


def _is_being_defined(program: Program, path: str) -> bool:
    """Whether the code at the top of a file is being interpreted here: what it calls is a part of that."""
    top = program.files[path]
    return top in program.frames and program.frames[top] is None


def _file_of(files: dict[str, Function | None], function: Function) -> str | None:
    top = top_of(function.qualname)
    return next((path for path, code in files.items() if code is not None and code.qualname == top), None)


def _known(surroundings: Surroundings, path: str, key: Key) -> Program | None:
    own = cast("Program | None", surroundings.notes(path).get(key))
    if own is None or any(surroundings.code(other) is not code for other, code in own.files.items()):
        return None
    return own


def _is_in_place(surroundings: Surroundings, path: str, key: Key) -> bool:
    """Whether a function is to be interpreted where it is called: what it leads to is being interpreted already."""
    underway = cast("list[tuple[str, Key]]", surroundings.project.underway)
    if (path, key) in underway or len(underway) >= _DEEPEST:
        first = underway.index((path, key)) if (path, key) in underway else 0
        for where, other in underway[first:]:
            surroundings.notes(where)[other, "in place"] = True
        return True
    return (key, "in place") in surroundings.notes(path)


def _interpreted(program: Program, path: str, key: Key, enter: Enter, interpret: Enter) -> Program | None:
    """A program of its own, in which the function was interpreted; None where that did not come to an end."""
    assert program.surroundings is not None
    around, top = program.surroundings.beside(path), program.files[path]
    own = Program(program.run, surroundings=around, training=program.training, across=program.across)
    own.ids.foreign = foreign_ids(around, own.files)
    own.files[path] = top
    underway = around.project.underway
    underway.append((path, key))
    try:
        if top is not None and top is not key[0]:
            enter(own, top)
        interpret(own, key[0])
    finally:
        underway.pop()
    notes = around.notes(path)
    if own.skipped:
        notes[key, "in place"] = True
    if (key, "in place") in notes:
        return None
    notes[key] = own
    return own
