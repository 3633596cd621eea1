"""Rule cards: one Markdown file per rule, listed by file name, read only when a rule's text is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

from torchcopylint.cards.plugin import Plugin, PluginError, plugins
from torchcopylint.domain.finding import Confidence, Severity
from torchcopylint.files.regular import read_text

_FILE_NAME = re.compile(r"([A-Z]{2,10}\d{3})-([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
OWN = "TCL"
"""The prefix of the codes of the built-in rules."""
_FENCE = re.compile(r"(`{3,}|~{3,})\s*([\w-]*)")
_LEVELS = {level.name.lower(): level for level in Confidence}
_SEVERITIES = {severity.name.lower(): severity for severity in Severity}

_RULE_HEADINGS = ("What it does", "Why it matters", "Bad", "Good", "Proof", "Fix safety", "Limits")
_TOOL_HEADINGS = ("What it does", "Why it matters", "Limits")


class CardError(Exception):
    """An invalid card; says which file and line and what is wrong there."""


class Rule(NamedTuple):
    """A rule as given by its card's file name: the code, the slug, the file; for a plugin's rule, the plugin."""

    code: str
    slug: str
    path: Path
    plugin: Plugin | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a card: its language, its text, the card's line on which that text begins."""

    language: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """One `##` heading of a card: its title, its line, the Markdown under it, the fenced blocks in that."""

    title: str
    line: int
    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A parsed rule card: the keys of its toml block and the sections in order."""

    rule: Rule
    family: str
    on: bool
    severity: Severity
    confidence: Confidence
    shown_from: Confidence
    fix: str
    confirm: bool
    since: str
    message: str
    unnamed: str
    sections: tuple[Section, ...]

    def section(self, title: str) -> Section | None:
        """The section of that title, or None."""
        return next((section for section in self.sections if section.title == title), None)

    @property
    def summary(self) -> str:
        """The first sentence of What it does, as plain Markdown on one line."""
        text = " ".join(self.sections[0].text.split())
        return re.split(r"(?<=[.!?]) (?=[A-Z`])", text, maxsplit=1)[0]

    def say(self, fields: dict[str, str]) -> str:
        """The card's message with its placeholders filled from `fields`.

        If a value is missing ("") or two are the same, the message would not make sense: `unnamed` is used instead,
        which contains no names; without one, the rule's summary.
        """
        names = {name for _, name, _, _ in Formatter().parse(self.message) if name is not None}
        try:
            values = [fields[name].strip() for name in names]
        except KeyError as missing:
            reason = f"placeholder {{{missing.args[0]}}} got no value; the check gave: {', '.join(sorted(fields))}"
            raise CardError(f"{self.rule.path}: message: {reason}") from None
        if all(values) and len(set(values)) == len(values):
            return self.message.format_map(fields)
        return self.unnamed or self.summary.removeprefix("Reports ").rstrip(".")


@cache
def directory() -> Path:
    """The directory of the cards: inside the installed package, otherwise next to it."""
    inside = Path(__file__).parents[1] / "_rules"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "rules"


def rules() -> tuple[Rule, ...]:
    """All rules in the order of their codes, the program's own first."""
    return own_rules() + _plugged()[0]


def complaints() -> tuple[str, ...]:
    """Errors in plugins, whose rules are therefore not used."""
    return _plugged()[1]


@cache
def own_rules() -> tuple[Rule, ...]:
    """The program's own rules, known from the file names alone."""
    try:
        return tuple(_rules_in(directory(), None))
    except OSError as error:
        raise CardError(f"{directory()}: no rule cards: {error.strerror}") from None


def _rules_in(place: Path, plugin: Plugin | None) -> Iterator[Rule]:
    for name in sorted(path.name for path in place.iterdir()):
        if match := _FILE_NAME.fullmatch(name):
            yield Rule(match[1], match[2], place / name, plugin)


@cache
def _plugged() -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The rules of all valid plugins, and the errors in the others."""
    found, wrong = list[Rule](), list[str]()
    for plugin in plugins():
        try:
            found += _rules_of(plugin, (*own_rules(), *found))
        except (CardError, PluginError, OSError) as error:
            told = str(error)
            wrong.append(f"{told if told.startswith(str(plugin)) else f'{plugin}: {told}'}; its rules are not used")
    return tuple(sorted(found)), tuple(wrong)


def _rules_of(plugin: Plugin, taken: tuple[Rule, ...]) -> list[Rule]:
    """A plugin's rules, each with a card that can be read, a check, and a code and slug of its own."""
    found = list(_rules_in(plugin.directory(), plugin))
    if not found:
        raise PluginError(f"{plugin}: {plugin.directory()}: no rule cards")
    for number, rule in enumerate(found):
        if rule.code.startswith(OWN):
            raise CardError(f"{rule.path}: codes that begin with {OWN} are reserved for torchcopylint")
        load(rule)
        if not rule.path.with_name(f"{rule.slug.replace('-', '_')}.py").is_file():
            raise CardError(f"{rule.path}: there is no check {rule.slug.replace('-', '_')}.py beside it")
        for other in (*taken, *found[:number]):
            if rule.code == other.code or rule.slug == other.slug:
                raise CardError(f"{rule.path}: {other.code} {other.slug} already has that code or name")
    return found


@cache
def pages() -> dict[str, Path]:
    """The pages next to the cards that belong to no rule, by name."""
    found = (path for path in sorted(directory().glob("*.md")) if path.stem.isupper() and path.stem != "README")
    return {path.stem.lower(): path for path in found}


def find(name: str) -> Rule | None:
    """The rule of that code or slug, in any case, or None."""
    code, slug = name.upper(), name.lower()
    return next((rule for rule in rules() if code == rule.code or slug == rule.slug), None)


def nearest(name: str) -> str | None:
    """The code or slug most like `name`, in the form the user chose, or None."""
    if re.fullmatch(r"[A-Za-z]{0,3}\d+", name):
        number = int("".join(filter(str.isdigit, name)).ljust(3, "0"))
        return min((rule.code for rule in own_rules()), key=lambda code: abs(int(code[3:]) - number), default=None)
    close = get_close_matches(name.lower(), [rule.slug for rule in rules()], n=1, cutoff=0.4)
    return close[0] if close else None


@cache
def load(rule: Rule) -> Card:
    """The card of a rule, parsed and validated."""
    try:
        return read(rule, read_text(str(rule.path)))
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(f"{rule.path}: cannot be read: {error}") from None


def prose(rule: Rule) -> str:
    """A rule's card as Markdown for people, without the title and the toml block."""
    text = read_text(str(rule.path))
    return re.sub(r"\A# .*\n+```toml\n.*?```\n+", "", text, flags=re.DOTALL)


def read(rule: Rule, text: str) -> Card:
    """The card of a rule, parsed from its text and validated against rules/README.md."""
    lines = text.splitlines()
    title = f"# {rule.code} {rule.slug}"
    if not lines or lines[0].strip() != title:
        raise CardError(f"{rule.path}:1: must begin with the line {title!r}, as its file name says")
    top, *sections = _sections(rule, lines)
    if len(top.blocks) != 1 or top.blocks[0].language != "toml":
        raise CardError(f"{rule.path}:2: one ```toml block must follow the title")
    _check_headings(rule, sections)
    keys = _Keys(rule, top.blocks[0])
    card = Card(
        rule=rule,
        family=keys.text("family"),
        on=keys.choice("default", ("on", "off")) == "on",
        severity=_SEVERITIES[keys.choice("severity", tuple(_SEVERITIES), "error")],
        confidence=_LEVELS[keys.choice("confidence", tuple(_LEVELS))],
        shown_from=_LEVELS[keys.choice("shown_from", tuple(_LEVELS), "medium")],
        fix=keys.choice("fix", ("safe", "unsafe", "none")),
        confirm=keys.flag("confirm"),
        since=keys.text("since"),
        message=keys.template("message"),
        unnamed=keys.plain("unnamed"),
        sections=tuple(sections),
    )
    keys.finish()
    return card


def _sections(rule: Rule, lines: list[str]) -> list[Section]:
    """The part under the title, then every `##` section; fences are opaque, an open one is an error."""
    sections: list[Section] = []
    title, start, blocks = lines[0], 0, list[Block]()
    fence, opened, language = "", 0, ""
    for number, line in enumerate([*lines, "## end"]):
        if fence:
            if line.strip() == fence:
                blocks.append(Block(language, "".join(f"{row}\n" for row in lines[opened + 1 : number]), opened + 2))
                fence = ""
        elif match := _FENCE.match(line):
            fence, opened, language = match[1], number, match[2]
        elif line.startswith("## "):
            body = "\n".join(lines[start + 1 : number]).strip("\n")
            sections.append(Section(title, start + 1, body, tuple(blocks)))
            title, start, blocks = line[3:].strip(), number, []
    if fence:
        raise CardError(f"{rule.path}:{opened + 1}: this block is never closed")
    return sections


def _check_headings(rule: Rule, sections: list[Section]) -> None:
    expected = _TOOL_HEADINGS if rule.code.startswith(f"{OWN}9") else _RULE_HEADINGS
    found = [section.title for section in sections]
    for section in sections:
        if section.title not in expected:
            raise CardError(f"{rule.path}:{section.line}: unknown heading {section.title!r}; expected {expected}")
    if found != sorted(set(found), key=expected.index):
        raise CardError(f"{rule.path}: headings must come once each, in this order: {', '.join(expected)}")
    missing = [title for title in expected if title not in found and title != "Fix safety"]
    if missing:
        raise CardError(f"{rule.path}: missing heading: {', '.join(missing)}")


class _Keys:
    """The toml block of a card, read key by key; every error names file, line and key."""

    def __init__(self, rule: Rule, block: Block) -> None:
        import tomllib

        self._rule, self._block = rule, block
        try:
            self._left: dict[str, Any] = tomllib.loads(block.text)
        except tomllib.TOMLDecodeError as error:
            raise CardError(f"{rule.path}: toml block from line {block.line}: {error}") from None

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not value:
            raise self._error(key, "must be a non-empty string")
        return value

    def template(self, key: str) -> str:
        value = self.text(key)
        try:
            names = [name for _, name, _, _ in Formatter().parse(value) if name is not None]
        except ValueError as error:
            raise self._error(key, f"{error} (write a brace as {{{{ or }}}})") from None
        for name in names:
            if not name.isidentifier():
                raise self._error(key, f"a placeholder must be a single identifier, not {{{name}}}")
        return value

    def plain(self, key: str) -> str:
        """An optional text without placeholders; "" where the card has none."""
        value = self._take(key, "")
        if not isinstance(value, str) or "{" in value:
            raise self._error(key, "must be a string without placeholders")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key)
        if not isinstance(value, bool):
            raise self._error(key, "must be true or false")
        return value

    def choice(self, key: str, values: tuple[str, ...], default: str | None = None) -> str:
        value = self._take(key, default)
        if value not in values:
            raise self._error(key, f"must be one of {', '.join(values)}, not {value!r}")
        return str(value)

    def finish(self) -> None:
        for key in self._left:
            raise self._error(key, "unknown key")

    def _take(self, key: str, default: str | None = None) -> Any:
        value = self._left.pop(key, default)
        if value is None:
            raise CardError(f"{self._rule.path}:{self._block.line}: {key}: missing key")
        return value

    def _error(self, key: str, reason: str) -> CardError:
        rows = enumerate(self._block.text.splitlines(), self._block.line)
        line = next((number for number, row in rows if row.split("=")[0].strip() == key), self._block.line)
        return CardError(f"{self._rule.path}:{line}: {key}: {reason}")
