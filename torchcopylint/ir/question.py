"""What is asked of a piece of syntax whatever it is: "what does it call, what does it assign, how is it written?".

Of nothing, and of what is no syntax, the answer is nothing.
"""

from __future__ import annotations

from torchcopylint.ir import syntax
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Argument, Expression

_LONGEST_ANNOTATION = 300
_WITH_VALUE = (
    syntax.Assign,
    syntax.AnnotatedAssign,
    syntax.AugmentedAssign,
    syntax.NamedExpression,
    syntax.Attribute,
    syntax.Subscript,
    syntax.Return,
    syntax.DictComprehension,
)
_WITH_TARGET = (syntax.AnnotatedAssign, syntax.AugmentedAssign, syntax.NamedExpression, syntax.For, syntax.Rounds)
_ATOMS = (
    syntax.Name,
    syntax.Attribute,
    syntax.Call,
    syntax.Subscript,
    syntax.List,
    syntax.Dict,
    syntax.ListComprehension,
    syntax.DictComprehension,
)


def callee_of(site: object) -> Expression | None:
    """What a call calls."""
    return site.func if isinstance(site, syntax.Call) else None


def arguments_of(site: object) -> tuple[Argument, ...]:
    """The arguments of a call, in order."""
    return site.args if isinstance(site, syntax.Call) else ()


def receiver_of(site: object) -> Expression | None:
    """What the callee of a call is read off: `x` of `x.clone()` and of `x[0]()`."""
    return value_of(callee_of(site))


def method_of(site: object) -> str:
    """The name of the attribute that is called: "clone" of `x.clone()`."""
    func = callee_of(site)
    return func.attr if isinstance(func, syntax.Attribute) else ""


def value_of(site: object) -> Expression | None:
    """What a statement assigns or hands on; what an attribute or an item is read off."""
    return site.value if isinstance(site, _WITH_VALUE) else None


def target_of(site: object) -> Expression | None:
    """The one target of what has a single one by its grammar: `x: T = v`, `x += v`, `for x in v`; none of `x = v`."""
    return site.target if isinstance(site, _WITH_TARGET) else None


def targets_of(site: object) -> tuple[Expression, ...]:
    """What a statement or a loop assigns to: of `a = b = v` both."""
    if isinstance(site, syntax.Assign):
        return site.targets
    target = target_of(site)
    return (target,) if target is not None else ()


def iterable_of(site: object) -> Expression | None:
    """What a loop goes over."""
    return site.iterable if isinstance(site, syntax.For | syntax.Rounds) else None


def binds_one(site: object) -> bool:
    """Whether a statement binds one name or place: `x = v`, `x: T = v`."""
    if isinstance(site, syntax.Assign):
        return len(site.targets) == 1 and not isinstance(site.targets[0], syntax.Display)
    return isinstance(site, syntax.AnnotatedAssign)


def bound_value(site: object) -> Expression | None:
    """What a statement binds to one name or place."""
    return value_of(site) if binds_one(site) else None


def text_of(site: object) -> str:
    """The source on one line, shortened in the middle where it is long; "" of nothing."""
    return site.text if isinstance(site, Site) else ""


def code_of(site: object) -> str:
    """The source of an expression or of a statement that holds no others, as it stands."""
    return site.code if isinstance(site, Expression | syntax.SmallStatement) else ""


def source_of(site: object) -> str:
    """An expression's source, whole and as it stands; "" for what is no expression."""
    return site.code if isinstance(site, Expression) else ""


def lines_of(site: object) -> str:
    """The source of a function or a file, line by line."""
    return site.code if isinstance(site, Site) else ""


def operand_of(site: object) -> str:
    """The source, fit to stand before a dot: in parentheses unless it is a name, call, subscript or the like."""
    source = source_of(site)
    return source if isinstance(site, _ATOMS) or in_parentheses(site) else f"({source})"


def in_parentheses(site: object) -> bool:
    """Whether an expression has parentheses of its own."""
    return isinstance(site, Expression) and site.written.in_parentheses(site)


def dotted(site: object) -> str:
    """`a.b.c` as text, or "" for anything but names and attributes."""
    parts: list[str] = []
    while isinstance(site, syntax.Attribute):
        parts.append(site.attr)
        site = site.value
    return ".".join([site.name, *reversed(parts)]) if isinstance(site, syntax.Name) else ""


def last_name(site: object) -> str:
    """The last part of a dotted name, or of that of what is called: "cached" of `tools.cached(10)`."""
    site = callee_of(site) or site
    if isinstance(site, syntax.Attribute):
        return site.attr
    return site.name if isinstance(site, syntax.Name) else ""


def decorators(site: object) -> list[str]:
    """The last names of the decorators of a function or class."""
    given = site.decorators if isinstance(site, syntax.FunctionDef | syntax.ClassDef) else ()
    return [last_name(decorator) for decorator in given]


def decorated(site: object, name: str) -> bool:
    """Whether a function or class has a decorator whose last name is this."""
    return name in decorators(site)


def annotation_text(site: Expression | None) -> str:
    """An annotation on one line, without the quotes around all of it; "" where there is none, or a very long one."""
    if site is None:
        return ""
    words = site.raw if isinstance(site, syntax.String) else site.code
    return " ".join(words.split()) if len(words) <= _LONGEST_ANNOTATION else ""
