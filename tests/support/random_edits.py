"""Random edits of the projects that random_projects makes: one at a time, in memory and on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from random_projects import DEFINITIONS, FEWEST, HEAD, MOST, PATHS, RandomProject

FOLDERS = ("", "pkg/", "pkg/sub/", "src/", "src/lib/", "helpers/", "lib/")
MARKS = {
    "pyproject.toml": ("", '[tool.torchcopylint]\nconfidence = "low"\n', '[tool.torchcopylint]\nignore = ["TCL401"]\n'),
    "torchcopylint.toml": (
        'confidence = "high"\n',
        '[per-file-ignores]\n"train.py" = ["TCL4"]\n',
        'exclude = ["lib"]\n',
    ),
    "setup.cfg": ("",),
    "setup.py": ("",),
    ".git/HEAD": ("ref: refs/heads/main\n",),
    ".gitignore": ("keeper.py\n", "sub/\n"),
}
"""Files that make a folder a project's root, or say how it is linted."""


Edit = Callable[[RandomProject], str]


def edit(project: RandomProject, among: Sequence[Edit] = ()) -> str:
    """Change something, also on disk, in one of these ways, or in any; says what."""
    chosen, before = project.random.choice(among or EDITS), dict(project.files)
    said = chosen(project)
    project.gone |= {path: text for path, text in before.items() if path not in project.files}
    project.write(keep_time=project.random.random() < 0.3)
    return f"{chosen.__name__.removeprefix('_').replace('_', ' ')}: {said}"


def change_a_definition(project: RandomProject) -> str:
    """Put another way to do it in the place of one definition, in the file where it is, or anywhere."""
    choices = [
        (path, name, way)
        for path in project.modules()
        for name, ways in DEFINITIONS.items()
        for way in ways
        if way.format(name=name) in project.files[path]
    ]
    if not choices:
        return _write_anew(project)
    path, name, way = project.random.choice(choices)
    other = project.random.choice([each for each in DEFINITIONS[name] if each != way])
    project.files[path] = project.files[path].replace(way.format(name=name), other.format(name=name))
    return f"{name} in {path}"


def _change_an_import(project: RandomProject) -> str:
    path = project.some()
    name = project.random.choice(sorted(DEFINITIONS))
    head, mark, rest = project.files.get(path, "").partition(HEAD)
    project.files[path] = f"{head}{mark or HEAD}{project.imported(path, name)}{rest}"
    return f"{name} in {path}"


def _write_anew(project: RandomProject) -> str:
    path = project.some()
    project.files[path] = project.text(path)
    return path


def _move_lines(project: RandomProject) -> str:
    path = project.some()
    project.files[path] = f"# a line\n{project.files.get(path, '')}"
    return path


def _break_a_file(project: RandomProject) -> str:
    path = project.some()
    project.files[path] = f"def unfinished(:\n{project.files.get(path, '')}"
    return path


def _add_a_file(project: RandomProject) -> str:
    path = project.random.choice(PATHS)
    if len(project.modules()) >= MOST:
        _remove_a_file(project)
    project.files[path] = project.text(path)
    return path


def _remove_a_file(project: RandomProject) -> str:
    path = project.some()
    if len(project.modules()) > FEWEST:
        project.files.pop(path, None)
    return path


def _put_back_a_file(project: RandomProject) -> str:
    if not project.gone:
        return _remove_a_file(project)
    path = project.random.choice(sorted(project.gone))
    project.files[path] = project.gone.pop(path)
    return path


def _rename_a_file(project: RandomProject) -> str:
    path, other = project.some(), project.random.choice(PATHS)
    project.files[other] = project.files.pop(path, "")
    return f"{path} {other}"


def _swap_two_files(project: RandomProject) -> str:
    path, other = project.some(), project.some()
    texts = project.files.get(path, ""), project.files.get(other, "")
    project.files[other], project.files[path] = texts
    return f"{path} {other}"


def _move_a_folder(project: RandomProject) -> str:
    folder, other = project.random.sample(FOLDERS[1:], 2)
    inside = {path: text for path, text in project.files.items() if path.startswith(folder)}
    project.files = {path: text for path, text in project.files.items() if path not in inside}
    project.files |= {other + path.removeprefix(folder): text for path, text in inside.items()}
    return f"{folder} {other}"


def _remove_a_folder(project: RandomProject) -> str:
    folder = project.random.choice(FOLDERS[1:])
    project.files = {path: text for path, text in project.files.items() if not path.startswith(folder)}
    return folder


def _shadow_a_module(project: RandomProject) -> str:
    """Put a file of the same name where it is found before, or instead of, the one that was imported."""
    shadowed = project.some()
    name = Path(shadowed).name
    path = project.random.choice(FOLDERS) + project.random.choice((name, name.replace(".py", "/__init__.py")))
    if project.random.random() < 0.1:
        path = project.random.choice(("torch.py", "copy/__init__.py"))
    project.files[path] = _otherwise(project, project.files.get(shadowed, ""))
    return f"{shadowed} by {path}"


def _otherwise(project: RandomProject, text: str) -> str:
    """A text with its definitions done in other ways."""
    for name, ways in DEFINITIONS.items():
        for way in (way.format(name=name) for way in ways):
            if way in text:
                return text.replace(way, project.random.choice(ways).format(name=name))
    return text


def _make_or_unmake_a_package(project: RandomProject) -> str:
    path = f"{project.random.choice(FOLDERS[1:])}__init__.py"
    if project.files.pop(path, None) is None:
        project.files[path] = project.text(path) if project.random.random() < 0.5 else ""
    return path


def _mark_or_unmark_a_root(project: RandomProject) -> str:
    name = project.random.choice(("pyproject.toml", "setup.cfg", *sorted(MARKS)))
    folders = {f"{folder}/" for path in project.modules() if (folder := os.path.dirname(path))}
    path = project.random.choice(["", *sorted(folders)]) + name
    if project.files.pop(path, None) is None:
        project.files[path] = project.random.choice(MARKS[name])
    return path


def _touch(project: RandomProject) -> str:
    path = project.some()
    if (project.root / path).is_file():
        os.utime(project.root / path)
    return path


EDITS: tuple[Edit, ...] = (
    *(change_a_definition,) * 4,
    *(_mark_or_unmark_a_root,) * 4,
    *(_remove_a_file, _put_back_a_file, _shadow_a_module) * 2,
    *(_change_an_import, _write_anew, _move_lines, _break_a_file, _add_a_file, _rename_a_file, _swap_two_files),
    *(_move_a_folder, _remove_a_folder, _make_or_unmake_a_package, _touch),
)
"""Each as often as it is to be chosen."""
