"""Where the fix of the control goes, as Python: what is copied, detached, kept or put back, at the plan's node."""

from __future__ import annotations

import re

from torchcopylint.confirm.asked import Cure
from torchcopylint.confirm.slice import Code
from torchcopylint.confirm.writing import Writing
from torchcopylint.ir import Call, Instruction, LoadAttr, Move, Operand

PLACE = re.compile(r"[A-Za-z_][\w.]*(\[[^\[\]]*\])?")
_LAYOUT = frozenset("reshape flatten contiguous ravel view_as reshape_as".split())


class Remedy:
    """What the control does otherwise than the program as written; `first` and `last`: lines around the next one."""

    writer: Writing
    first: list[str]
    last: list[str]

    def operand(self, code: Code, name: Operand) -> str:
        """An operand as text."""
        raise NotImplementedError

    def at(self, i: Instruction) -> bool:
        """Whether the fix of the control goes to this instruction."""
        return self.writer.fixed and i.node is self.writer.plan.at

    def wrapped(self, i: Instruction, text: str) -> str:
        """A value as the fix makes it, where it is the one that the fix is about."""
        if not self.at(i):
            return text
        how = self.writer.plan.fix
        if how is Cure.RELINK:
            optimizer = self.writer.plan.name
            model = str(self.writer.plan.facts["paths"][0])  # type: ignore[index]
            if PLACE.fullmatch(optimizer) and PLACE.fullmatch(model):
                self.last.append(f"{optimizer} = relinked({optimizer}, {model})")
        wrap = {
            Cure.COPY_RESULT: "copied",
            Cure.DETACH_RESULT: "detached",
            Cure.DETACH_VALUE: "detached",
            Cure.APART: "apart",
            Cure.ANEW: "anew",
        }
        return f"{wrap[how]}({text})" if how in wrap else text

    def detached(self, i: Instruction, text: str) -> str:
        """What is added to something, cut from its graph where the fix says so."""
        return f"detached({text})" if self.at(i) and self.writer.plan.fix is Cure.DETACH_VALUE else text

    def written(self, code: Code, i: Instruction, operand: Operand) -> str:
        """The thing that is written to; a copy of it where the fix says so."""
        text = self.operand(code, operand)
        if not self.at(i):
            return text
        if self.writer.plan.fix is Cure.COPY_WRITTEN:
            if re.fullmatch(r"\w+", text):
                self.first.append(f"{text} = copied({text})")
                return text
            self.first.append(f"_w = copied({text})")
            return "_w"
        if self.writer.plan.fix is Cure.LAND and self._lands(code, operand, text):
            return "_w"
        if self.writer.plan.fix is Cure.LAND and "[" in text:
            self.first.append(f"_w = {text}")
            self.last.append(f"{text} = _w")
            return "_w"
        return text

    def _lands(self, code: Code, operand: Operand, text: str) -> bool:
        """Put what was written to a copy of another layout back where it came from."""
        made = code.definition(operand)
        defined = [code.definition(m.src) for m in code.by_name.get(operand, ()) if isinstance(m, Move)]
        made = defined[0] if made is None and len(defined) == 1 else made
        made = code.definition(made.src) if isinstance(made, Move) else made
        func = code.definition(made.func) if isinstance(made, Call) else None
        if not isinstance(func, LoadAttr) or func.attr not in _LAYOUT:
            return False
        source = self.operand(code, func.obj)
        self.first.append(f"_w = {text}")
        self.last.append(f"{source}.copy_(_w.reshape({source}.shape))")
        return True

    def fixed_call(self, code: Code, i: Call, func: str, args: list[str]) -> str:
        """A call as the fix makes it, or as it stands."""
        plan = self.writer.plan
        text = f"{func}({', '.join(args)})"
        if not self.at(i):
            return text
        found = code.definition(i.func)
        receiver = found.obj if isinstance(found, LoadAttr) and not self.writer.reach.dotted(code, i.func) else ""
        if plan.fix in (Cure.COPY_WRITTEN, Cure.LAND):
            return self._fixed_write(code, i, func, args, receiver)
        if plan.fix is Cure.THROUGH and args:
            return self._not_through(code, i, args[0])
        if plan.fix is Cure.GATHER:
            return f"gathered({', '.join(args)})"
        if plan.fix is Cure.UNCOPIED and args:
            return args[0]
        if plan.fix is Cure.REFRESH and args:
            return f"refreshed({args[0]})"
        if plan.fix is Cure.CLONE_TENSOR and args:
            return f"{args[0]}.detach().clone()"
        if plan.fix is Cure.DETACH_ARGUMENT:
            if args and not receiver:
                return f"{func}({', '.join([f'detached({args[0]})', *args[1:]])})"
            if receiver and func.endswith(".requires_grad_"):
                return f"detached({self.operand(code, receiver)}).requires_grad_({', '.join(args)})"
            return f"copied({self.operand(code, receiver)})" if receiver else text
        if plan.fix in (Cure.DETACH_VALUE, Cure.COPY_RESULT) and func.endswith(
            (".append", ".extend", ".insert", ".add")
        ):
            wrap = "detached" if plan.fix is Cure.DETACH_VALUE else "copied"
            return f"{func}({', '.join([*args[:-1], f'{wrap}({args[-1]})'])})"
        return self.wrapped(i, text)

    def packed(self, code: Code, i: Call) -> Operand | None:
        """What was packed into the bytes that a call unpacks."""
        if not i.args:
            return None
        place = code.definition(i.args[0].value)
        if isinstance(place, Call) and place.args:
            return place.args[0].value
        into = i.args[0].value
        for other in code.every:
            if isinstance(other, Call) and len(other.args) > 1 and other.args[1].value == into:
                return other.args[0].value
        return None

    def _not_through(self, code: Code, i: Call, text: str) -> str:
        """The tensor that is meant, made without numbers of Python in between."""
        made = code.definition(i.args[0].value)
        func = code.definition(made.func) if isinstance(made, Call) else None
        if isinstance(func, LoadAttr) and func.attr in ("tolist", "numpy"):
            return f"{self.operand(code, func.obj)}.detach().clone()"
        return f"torch.from_numpy(np.stack({text}))"

    def _fixed_write(self, code: Code, i: Call, func: str, args: list[str], receiver: Operand) -> str:
        if receiver and self.writer.plan.name not in args:
            place = self.written(code, i, receiver)
            return f"{place}.{func.rpartition('.')[2]}({', '.join(args)})"
        target = next((n for n, a in enumerate(args) if a.startswith("out=")), 0)
        for n, a in enumerate(args):
            if a == self.writer.plan.name:
                target = n
        if args:
            keyword, _, value = args[target].rpartition("=")
            if re.fullmatch(r"\w+", value):
                self.first.append(f"{value} = copied({value})")
            else:
                self.first.append(f"_w = copied({value})")
                args[target] = f"{keyword}={'_w'}" if keyword else "_w"
        return f"{func}({', '.join(args)})"
