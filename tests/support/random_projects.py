"""Small projects made at random, whose files use one another."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

HEAD = "import copy\nimport torch\nfrom torch import nn\n"
_TRAINS = "def {name}(model, opt, x):\n    opt.zero_grad()\n    model(x).sum().backward()\n    opt.step()\n"
_LOOKS = "def {name}(model, opt, x):\n    return model(x).sum().item()\n"
_TAKES = "class {name}:\n    def take(self, model):\n        self.best = {how}\n"
_GIVES = "def {name}(model):\n    return {how}\n"
_LIVE, _COPY = "model.state_dict()", "copy.deepcopy(model.state_dict())"
_LAYER = "    def __init__(self):\n        super().__init__()\n        self.layer = nn.Linear(2, 2)\n"

DEFINITIONS = {
    "step": (_TRAINS, _LOOKS, "def {name}(model, opt, x):\n    advance(model, opt, x)\n"),
    "advance": (_TRAINS, _LOOKS),
    "Keeper": (_TAKES.replace("{how}", _LIVE), _TAKES.replace("{how}", _COPY), "class {name}(Holder):\n    pass\n"),
    "Holder": (_TAKES.replace("{how}", _LIVE), _TAKES.replace("{how}", _COPY)),
    "snap": (_GIVES.replace("{how}", _LIVE), _GIVES.replace("{how}", _COPY), _GIVES.replace("{how}", "held(model)")),
    "held": (_GIVES.replace("{how}", _LIVE), _GIVES.replace("{how}", _COPY)),
    "scale": ("def {name}(x):\n    x.mul_(2)\n    return x\n", "def {name}(x):\n    return x * 2\n"),
    "Net": (f"class {{name}}(nn.Module):\n{_LAYER}", f"class {{name}}(Base):\n{_LAYER}"),
    "Base": ("class {name}(nn.Module):\n    pass\n", "class {name}:\n    pass\n"),
}
"""Names that files define, each in ways of which one does harm to who uses it and another does none."""

USES = (
    "def fit(model: nn.Module, loader):\n    opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
    "    keeper = Keeper()\n    keeper.take(model)\n"
    "    for x in loader:\n        step(model, opt, x)\n    model.load_state_dict(keeper.best)\n",
    "def search(model: nn.Module, loader):\n    opt = torch.optim.Adam(model.parameters())\n    best = snap(model)\n"
    "    for x in loader:\n        step(model, opt, x)\n    model.load_state_dict(best)\n",
    "def prepare(x: torch.Tensor):\n    whole = x\n    first = x[0]\n    scale(first)\n    return whole + first\n",
    "def build(loader):\n    net = Net()\n    opt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
    "    best = net.state_dict()\n    for x in loader:\n        advance(net, opt, x)\n    net.load_state_dict(best)\n",
)

PATHS = (
    *(
        "train.py",
        "helpers.py",
        "keeper.py",
        "steps.py",
        "helpers/__init__.py",
        "helpers/steps.py",
        "keeper/__init__.py",
    ),
    *("pkg/__init__.py", "pkg/train.py", "pkg/keeper.py", "pkg/steps.py", "pkg/sub/__init__.py", "pkg/sub/steps.py"),
    *("pkg/sub/train.py", "src/keeper.py", "src/lib/__init__.py", "src/lib/steps.py", "lib/steps.py"),
)
"""Where files may be; most of them lead to others by more than one way of importing."""

FEWEST, MOST = 3, 8


@dataclass
class RandomProject:
    """A folder and what is to lie in it: the text of each file, by its path in the folder; gone: what lay there."""

    root: Path
    random: Random
    files: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """Start anew, with a few files."""
        self.files = {"pyproject.toml": ""} if self.random.random() < 0.7 else {}
        packaged = self.random.random() < 0.4
        paths = self.random.sample(PATHS, self.random.randint(FEWEST + 1, MOST))
        defining = paths[: len(paths) // 2]
        homes = {name: self.random.choice(defining) for name in DEFINITIONS}
        for path in defining:
            self.files[path] = self.filled(path, [name for name, home in homes.items() if home == path], ())
        for path in paths[len(defining) :]:
            self.files[path] = self.filled(path, (), self.random.sample(USES, self.random.randint(1, 2)))
        if packaged:
            self.files |= {each: "" for path in paths for each in _packages(path) if each not in self.files}
        self.write(keep_time=False)

    def modules(self) -> list[str]:
        """The paths of the Python files."""
        return sorted(path for path in self.files if path.endswith(".py") and not path.endswith("setup.py"))

    def some(self) -> str:
        """One of them, made if there is none."""
        return self.random.choice(self.modules() or ["train.py"])

    def text(self, path: str) -> str:
        """What a file may say that is to lie there: definitions for others, or what uses theirs."""
        names = self.random.sample(sorted(DEFINITIONS), self.random.choice((0, 0, 1, 3)))
        uses = self.random.sample(USES, 0 if len(names) > 1 else self.random.randint(1, 2))
        return self.filled(path, names, uses)

    def filled(self, path: str, names: Sequence[str], uses: Sequence[str]) -> str:
        """A file with definitions of these names, with these uses of others, and with the imports that they need."""
        body = [self._way(name).format(name=name) for name in names]
        needed = {name for name in DEFINITIONS for part in (*body, *uses) if re.search(rf"\b{name}\b", part)}
        imports = [self.imported(path, name) for name in sorted(needed - set(names))]
        return "\n\n".join([HEAD + "".join(imports), *body, *uses])

    def imported(self, path: str, name: str) -> str:
        """A way to import a name in the file at `path`: mostly one that finds it, or finds it after another edit."""
        others = [other for other in self.modules() if other != path]
        having = [other for other in others if re.search(rf"(class|def) {name}\b", self.files[other])]
        other = self.random.choice(having if having and self.random.random() < 0.9 else others or PATHS)
        parts = other.removesuffix(".py").removesuffix("/__init__").split("/")
        parts = parts[1:] if parts[0] == "src" and len(parts) > 1 else parts
        module, package, last = ".".join(parts), ".".join(parts[:-1]) or ".", parts[-1]
        relative = _relative(path, other)
        forms = (
            f"from {module} import {name}\n",
            f"from {module} import *\n",
            f"import {module} as other\n{name} = other.{name}\n",
            f"import {module}\n{name} = {module}.{name}\n",
            f"from {relative} import {name}\n",
            f"from {relative} import *\n",
            f"from {package} import {last}\n{name} = {last}.{name}\n",
            f"try:\n    from {module} import {name}\nexcept ImportError:\n    from .{last} import {name}\n",
        )
        return self.random.choice(forms)

    def _way(self, name: str) -> str:
        """A way to define a name, mostly the one that does harm."""
        ways = DEFINITIONS[name]
        return ways[0] if self.random.random() < 0.75 else self.random.choice(ways)

    def write(self, keep_time: bool) -> None:
        """Make the folder hold these files and no others; keep_time: a changed file keeps its time of change."""
        for folder, _, names in os.walk(self.root, topdown=False):
            for name in names:
                path = Path(folder, name)
                if _own(path.relative_to(self.root)) and path.relative_to(self.root).as_posix() not in self.files:
                    path.unlink()
            if folder != str(self.root) and not os.listdir(folder):
                os.rmdir(folder)
        for name, text in self.files.items():
            path = self.root / name
            if path.is_dir():
                shutil.rmtree(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.stat() if path.exists() else None
            if before is None or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                if before is not None and keep_time:
                    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _own(path: Path) -> bool:
    """Whether a file is the project's, not one of the results that the linter keeps."""
    return not any(part.startswith(".torchcopylint") for part in path.parts)


def _packages(path: str) -> list[str]:
    """The `__init__.py` that make a package of each folder above a file."""
    parts = path.split("/")[:-1]
    return ["/".join((*parts[: n + 1], "__init__.py")) for n in range(len(parts))]


def _relative(path: str, other: str) -> str:
    """The module at `other` as the file at `path` names it by dots."""
    here, there = path.split("/")[:-1], other.removesuffix(".py").removesuffix("/__init__").split("/")
    same = next((n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there)))
    return "." * (len(here) - same + 1) + ".".join(there[same:])
