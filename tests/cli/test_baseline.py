"""What is known is not reported, wherever it moves; what is new is; and the same by git's lines."""

from __future__ import annotations

import json
from pathlib import Path

from workspace import BOTH, CLEAN, LOST, Run, commit, configure, git, places, write

FILE = "torchcopylint-baseline.json"


def record(torchcopylint: Run, *arguments: str) -> str:
    """What `torchcopylint baseline` says."""
    done = torchcopylint("baseline", *(arguments or (".",)))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return str(done.stderr).strip()


def shown(torchcopylint: Run, *arguments: str) -> list[str]:
    return places(torchcopylint("--baseline", FILE, *(arguments or (".",))).stdout)


def test_what_is_recorded_is_known_and_what_is_new_is_shown(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST, b=CLEAN)
    assert record(torchcopylint) == f"{FILE}: 1 known, 1 added"
    assert torchcopylint("--baseline", FILE, ".").returncode == 0
    write(tmp_path, b=LOST)
    assert shown(torchcopylint) == ["b.py:4:1: TCL505"]


def test_the_file_holds_no_line_numbers_and_one_line_per_finding(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=BOTH)
    record(torchcopylint)
    text = (tmp_path / FILE).read_text()
    assert len(text.splitlines()) == 7
    rows = json.loads(text)["findings"]
    assert [sorted(row) for row in rows] == [["code", "fingerprint", "function", "path"]] * 2


def test_moved_code_stays_known(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    record(torchcopylint)
    write(tmp_path, a="import math\n\n\n" + LOST.replace("x.clone()", "(  # now wrapped\n    x.clone()\n)"))
    assert shown(torchcopylint) == ["a.py:8:5: TCL505"]  # another statement, by its brackets
    write(tmp_path, a="import math\n\n\n" + LOST.replace("x.clone()", "x.clone(  # now wrapped\n)"))
    assert shown(torchcopylint) == []


def test_a_moved_file_stays_known_but_a_copy_of_it_is_new(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    record(torchcopylint)
    write(tmp_path, b=LOST)
    assert shown(torchcopylint) == ["b.py:4:1: TCL505"]
    (tmp_path / "a.py").unlink()
    assert shown(torchcopylint) == []


def test_a_second_one_of_its_kind_is_new(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    record(torchcopylint)
    write(tmp_path, a=LOST + "y = 1\nx.clone()\n")
    assert shown(torchcopylint) == ["a.py:6:1: TCL505"]


def test_an_update_only_removes_unless_told_to_add(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=BOTH, b=LOST)
    record(torchcopylint)
    write(tmp_path, a=LOST, c=LOST)
    assert record(torchcopylint) == f"{FILE}: 2 known, 1 removed; 1 new not added (use --add)"
    assert shown(torchcopylint) == ["c.py:4:1: TCL505"]
    assert record(torchcopylint, "--add", ".") == f"{FILE}: 3 known, 1 added"
    assert shown(torchcopylint) == []


def test_what_was_not_looked_at_is_kept_and_what_is_gone_is_not(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST, b=LOST, c=LOST)
    record(torchcopylint)
    (tmp_path / "c.py").unlink()
    assert record(torchcopylint, "a.py") == f"{FILE}: 2 known, 1 removed"


def test_the_configuration_may_name_it(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    write(tmp_path / "src", a=LOST)
    configure(tmp_path, 'baseline = "known.json"')
    done = torchcopylint("src")
    assert done.returncode == 2 and "known.json: the baseline cannot be read" in done.stderr
    record(torchcopylint, "src")
    assert torchcopylint("a.py", cwd=tmp_path / "src").returncode == 0


def test_a_baseline_that_is_wrong_is_told_before_a_report_begins(torchcopylint: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, a=LOST)
    configure(tmp_path / "b", "baseline = 'known.json'")
    done = torchcopylint("--output-format", "json", ".")
    assert (done.returncode, done.stdout) == (2, "")
    assert "known.json: the baseline cannot be read" in done.stderr


def test_a_file_that_is_no_baseline_is_told(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    for text in ("[]", "{", '{"version": 1, "findings": [{}]}', "[" * 5000 + "]" * 5000):
        (tmp_path / FILE).write_text(text)
        done = torchcopylint("--baseline", FILE, "a.py")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{FILE}: not a baseline" in done.stderr
        assert torchcopylint("baseline", "a.py").returncode == 2


# Where it is written


def test_a_project_has_nothing_written_outside_of_it(torchcopylint: Run, tmp_path: Path) -> None:
    project, outside = made(tmp_path / "project"), tmp_path / "known.json"
    write(project, a=LOST)
    (project / "link.json").symlink_to(outside)
    for named in ("../known.json", str(outside), "link.json"):
        configure(project, f'baseline = "{named}"')
        done = torchcopylint("baseline", ".", cwd=project)
        assert (done.returncode, done.stdout) == (2, "")
        assert "pyproject.toml: tool.torchcopylint.baseline: leads out of " in done.stderr
        assert f"say --baseline {outside}" in done.stderr
    (project / "pyproject.toml").unlink()
    (project / FILE).symlink_to(outside)
    assert f"{FILE}: leads out of {project}" in torchcopylint("baseline", ".", cwd=project).stderr
    assert not outside.exists()
    assert torchcopylint("baseline", "--baseline", "../known.json", ".", cwd=project).returncode == 0
    assert outside.exists()


def test_what_lies_outside_of_a_project_may_be_read(torchcopylint: Run, tmp_path: Path) -> None:
    project = made(tmp_path / "project")
    write(project, a=LOST)
    configure(project, 'baseline = "../known.json"')
    torchcopylint("baseline", "--baseline", "../known.json", ".", cwd=project)
    assert torchcopylint(".", cwd=project).returncode == 0


def test_a_project_names_a_file_of_its_own_from_where_its_settings_are(torchcopylint: Run, tmp_path: Path) -> None:
    sub = made(tmp_path / "sub")
    write(sub, a=LOST)
    configure(tmp_path, 'baseline = "known/all.json"')
    assert torchcopylint("baseline", ".", cwd=sub).returncode == 0
    assert (tmp_path / "known" / "all.json").is_file()


# Git


def test_since_shows_what_is_on_changed_lines(torchcopylint: Run, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    odd = tmp_path / 'o "d\u00e4 d.py'
    odd.write_text(LOST)
    write(tmp_path, a=LOST, b=LOST)
    commit(tmp_path)
    assert torchcopylint("--since", "HEAD", ".").stdout == ""
    write(tmp_path, a="import math\n" + LOST + "y = torch.tensor(x)\n", new=LOST)
    odd.write_text(LOST + "x.clone()\n")
    assert places(torchcopylint("--since", "HEAD", ".").stdout) == [
        "a.py:6:5: TCL107",
        "new.py:4:1: TCL505",
        'o "d\u00e4',
    ]
    assert places(torchcopylint("--since", "HEAD", "../a.py", cwd=made(tmp_path / "sub")).stdout) == [
        "../a.py:6:5: TCL107"
    ]
    commit(tmp_path)
    assert torchcopylint("--since", "HEAD", ".").stdout == ""
    assert len(torchcopylint("--since", "HEAD~1", ".").stdout.splitlines()) == 3


def made(directory: Path) -> Path:
    directory.mkdir()
    return directory


def test_since_looks_from_where_the_branches_parted(torchcopylint: Run, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, a=LOST, b=CLEAN)
    commit(tmp_path)
    git(tmp_path, "checkout", "-q", "-b", "topic")
    write(tmp_path, b=LOST)
    commit(tmp_path)
    git(tmp_path, "checkout", "-q", "main")
    write(tmp_path, a=CLEAN)
    commit(tmp_path)
    git(tmp_path, "checkout", "-q", "topic")
    assert places(torchcopylint("--since", "main", ".").stdout) == ["b.py:4:1: TCL505"]


def test_a_changed_step_shows_the_finding_it_leads_to(torchcopylint: Run, tmp_path: Path) -> None:
    lines = [
        "import torch",
        "def f(model: torch.nn.Module, loader, optimizer):",
        "    best = model.state_dict()",
        "    for x in loader:",
        "        model(x).sum().backward()",
        "        pass",
        "    model.load_state_dict(best)",
    ]
    git(tmp_path, "init", "-q")
    write(tmp_path, a="\n".join(lines) + "\n")
    commit(tmp_path)
    lines[5] = "        optimizer.step()"
    write(tmp_path, a="\n".join(lines) + "\n")
    assert [place.split()[1] for place in places(torchcopylint("--since", "HEAD", "a.py").stdout)] == ["TCL401"]


def test_what_git_cannot_tell_is_told(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    done = torchcopylint("--since", "HEAD", "a.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--since: a.py: is not in a git repository" in done.stderr
    git(tmp_path, "init", "-q")
    done = torchcopylint("--since", "no-such", "a.py")
    assert done.returncode == 2 and "'no-such' is not a revision" in done.stderr
