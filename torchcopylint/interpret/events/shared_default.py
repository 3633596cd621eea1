"""Tensors that are made once, as a default or an attribute of a class, and then written by whoever uses them."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import DefaultOf, SharedDefault
from torchcopylint.domain.identity import Id, base_of, roots_of
from torchcopylint.domain.kind import DATA
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import VIEWS, Sure
from torchcopylint.domain.use import WriteKind
from torchcopylint.domain.value import KnownClass, refs_of
from torchcopylint.interpret.classes import stored_attributes
from torchcopylint.interpret.events.path import place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Write
from torchcopylint.interpret.state.program import Program
from torchcopylint.ir import Spot, is_foreign


def shared_defaults(frame: Frame) -> Iterator[SharedDefault]:
    """A SharedDefault for each default argument and class attribute that this function writes in place."""
    told: set[Spot | None] = set()
    for write in frame.log.memory.writes.values():
        found = default_written(frame, write)
        if found is not None and found[1] not in told:
            how, node, name, proof = found
            told.add(node)
            yield SharedDefault(
                node=node,
                name=name,
                proof=min(proof, write.proof) if write.thing in DATA else 1,
                place=place(frame),
                steps=(Said.MADE_ONCE.at(node, name), Said.WRITTEN.at(write.node)),
                how=how,
                write=write.words,
            )


Found = tuple[DefaultOf, Spot | None, str, int]


def default_of(frame: Frame, write: Write) -> DefaultOf | None:
    """Whose default a write surely changes."""
    found = default_written(frame, write)
    return found[0] if found is not None else None


def default_written(frame: Frame, write: Write) -> Found | None:
    """(whose default it is, the default's syntax, its name, proof) where a write surely changes such a thing."""
    if write.kind is not WriteKind.WRITE or write.sure is Sure.MAY:
        return None
    roots = {base_of(root) for root in roots_of(write.regions)}
    if len(roots) != 1:
        return None
    (root,) = roots
    return _argument(frame, root) or _attribute(frame, root, write)


def _argument(frame: Frame, root: Id) -> Found | None:
    for name, cell in frame.program.defaults.get(frame.function, {}).items():
        if frame.symbols.get(name) == root:
            node = next(p.node for p in frame.function.parameters if p.name == name)
            return DefaultOf.ARGUMENT, node, name, cell.proof
    return None


def _attribute(frame: Frame, root: Id, write: Write) -> Found | None:
    """An attribute of the class that no method sets anew, written through an instance and not by the class's name."""
    kinds = [(name, kind) for name, kind in frame.program.kinds.items() if not is_foreign(name)]
    for qualname, kind in kinds:
        for key, value in frame.program.class_slots.get(qualname, {}).items():
            held = refs_of(value)
            if len(held) != 1 or base_of(held[0].obj) != root or _set_anew(frame.program, kind, key[1:]):
                continue
            node = frame.program.births[root].node
            by_class = write.words.startswith((f"{kind.cls.name}.", "cls.", "type("))
            meant = by_class or (write.name and _through_view(frame, write))
            return (
                (DefaultOf.ATTRIBUTE, node, f"{kind.cls.name}{key}", 3)
                if not meant and _made(frame, kind, root)
                else None
            )
    return None


def _made(frame: Frame, kind: KnownClass, root: Id) -> bool:
    """Whether the class's body makes it, and not a function that stands for something else (`dataclasses.field`)."""
    home = frame.program.outer.get(kind.home)
    return home is not None and home.heap[root].made not in (Origin.UNKNOWN, Origin.CALLED)


def _through_view(frame: Frame, write: Write) -> bool:
    return any(link.how in VIEWS for link in frame.program.handles.chain(write.hand))


def _set_anew(program: Program, kind: KnownClass, attr: str) -> bool:
    return any(attr in stored_attributes(program, method) for method in kind.cls.methods.values())
