"""What machines read: each format as it is printed today (golden/formats), and what its reader requires of it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from textwrap import indent
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from workspace import CLEAN, IMPORTS, LOST, ROOT, TESTS, TRAIN, Run, write

from torchcopylint.report import formats

GOLDEN = TESTS / "golden" / "formats"
ENDINGS = {
    "json": "json",
    "json-lines": "json",
    "sarif": "json",
    "gitlab": "json",
    "rdjson": "json",
    "junit": "xml",
    "html": "html",
}

METHOD = indent(TRAIN.replace("train(model", "fit(self, model"), "    ")
FIT = f"import copy\n\n{IMPORTS}\n\nclass Trainer:\n{METHOD}"
ODD = """\
import torch

x = torch.zeros(3)
"\u00e4<&>, %:"; x.clone()  # why
x[x > 1].add_(1)
x.clone()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with findings in two files of a directory."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "my src").mkdir()
    write(tmp_path / "my src", fit=FIT, odd=ODD, broken="def f(:\n", clean=CLEAN)
    return tmp_path


def printed(torchcopylint: Run, style: str, *arguments: str, **options: object) -> str:
    return str(torchcopylint("--output-format", style, *(arguments or (".",)), **options).stdout)


def test_the_help_names_every_format(torchcopylint: Run) -> None:
    told = " ".join(torchcopylint("--help").stdout.split())
    assert [style for style in formats() if style not in told] == []


@pytest.mark.parametrize("style", formats())
def test_golden(torchcopylint: Run, project: Path, style: str, update: bool) -> None:
    text = printed(torchcopylint, style)
    if style == "sarif":
        text = without_card_texts(text)
    if style == "html":
        text = re.sub(r"(?s)(<(style|script|details)>).*?(</\2>)", r"\1...\3", text)
    path = GOLDEN / f"{style}.{ENDINGS.get(style, 'txt')}"
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def without_card_texts(text: str) -> str:
    """A log of SARIF without what the cards say of the rules, which is theirs to change."""
    log = json.loads(text)
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        for key in ("shortDescription", "fullDescription", "help"):
            rule[key] = {name: "..." for name, said in rule[key].items() if said}
    return json.dumps(log, indent=2) + "\n"


@pytest.mark.parametrize("style", ["json", "sarif", "gitlab", "rdjson"])
def test_nothing_found_is_a_valid_document(torchcopylint: Run, tmp_path: Path, style: str) -> None:
    write(tmp_path, a=CLEAN)
    found = json.loads(printed(torchcopylint, style))
    empty = {"sarif": lambda: found["runs"][0]["results"], "rdjson": lambda: found["diagnostics"]}
    assert empty.get(style, lambda: found)() == []


def cut(line: str, region: dict[str, int]) -> str:
    return line[region["startColumn"] - 1 : region["endColumn"] - 1]


def test_sarif_places_are_relative_to_the_repository_wherever_it_is_run(torchcopylint: Run, project: Path) -> None:
    (run,) = json.loads(printed(torchcopylint, "sarif", "fit.py", "odd.py", cwd=project / "my src"))["runs"]
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].startswith("my%20src/")
        assert place["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        lines = (project / unquote(place["artifactLocation"]["uri"])).read_text().split("\n")
        assert cut(lines[place["region"]["startLine"] - 1], place["region"]) in (
            "best, lowest = model.state_dict(), loss.item()",
            "x.clone()",
            "x[x > 1].add_(1)",
        )
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] and "## Limits" in rule["help"]["markdown"]
    steps = run["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps] == [16, 14, 17]


def test_sarif_offers_a_fix_that_needs_nothing_else(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="import torch\n\nx = torch.zeros(3)\nx[x > 1].add_(1)\n")
    (result,) = json.loads(printed(torchcopylint, "sarif"))["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert cut("x[x > 1].add_(1)", replacement["deletedRegion"]) == "x[x > 1].add_(1)"
    assert replacement["insertedContent"]["text"] == "x[x > 1] += 1"


def prints(torchcopylint: Run) -> list[str]:
    results = json.loads(printed(torchcopylint, "sarif"))["runs"][0]["results"]
    return [result["partialFingerprints"]["torchcopylint/v1"] for result in results]


def test_fingerprints_are_unique_and_outlive_what_does_not_change_the_code(torchcopylint: Run, project: Path) -> None:
    write(project, twin=ODD)
    before = prints(torchcopylint)
    assert len(set(before)) == len(before) == 8
    moved = ODD.replace("import torch\n", "import math\nimport torch\n\n\n", 1).replace("# why", "# because")
    write(project / "my src", odd=moved.replace("x[x > 1].add_(1)", "x[\n    x > 1,\n].add_(1)"), fit="# new\n" + FIT)
    assert prints(torchcopylint) == before
    write(project / "my src", fit=FIT.replace("best, lowest =", "kept, lowest ="))
    assert len(set(prints(torchcopylint)) & set(before)) == len(before) - 1


def test_sarif_is_valid(torchcopylint: Run, project: Path) -> None:
    schema = os.environ.get("SARIF_SCHEMA")
    if not schema:
        pytest.skip("SARIF_SCHEMA names no copy of the official schema")
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(json.loads(printed(torchcopylint, "sarif")), json.loads(Path(schema).read_text()))


def test_github_commands_hold_their_values_apart(torchcopylint: Run, project: Path) -> None:
    (project / "a,b:c%.py").write_text(LOST)
    line = printed(torchcopylint, "github").splitlines()[0]
    match = re.fullmatch(r"::error ([^:]*)::(.*)", line)
    assert match is not None
    assert dict(pair.split("=") for pair in match[1].split(","))["file"] == "a%2Cb%3Ac%25.py"


def test_junit_is_xml_whatever_the_names(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / 'a<"&\x01>.py').write_text(LOST)
    suites = ElementTree.fromstring(printed(torchcopylint, "junit"))
    assert [case.find("failure") is not None for case in suites.iter("testcase")] == [True]
    (tmp_path / 'a<"&\x01>.py').write_text(CLEAN)
    suites = ElementTree.fromstring(printed(torchcopylint, "junit"))
    assert (suites.get("tests"), suites.get("failures")) == ("1", "0")


def test_rdjson_counts_bytes(torchcopylint: Run, project: Path) -> None:
    found: list[dict[str, Any]] = json.loads(printed(torchcopylint, "rdjson"))["diagnostics"]
    (first, *_) = [item for item in found if item["code"]["value"] == "TCL505"]
    columns = [first["location"]["range"][end]["column"] - 1 for end in ("start", "end")]
    assert ODD.split("\n")[3].encode()[columns[0] : columns[1]] == b"x.clone()"


# Where it goes


def test_a_report_goes_to_the_file_that_is_named(torchcopylint: Run, project: Path) -> None:
    done = torchcopylint("--output-format", "sarif", "--output-file", "out/report.sarif", ".")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert len(json.loads((project / "out" / "report.sarif").read_text())["runs"][0]["results"]) == 5
    assert [path.name for path in (project / "out").iterdir()] == ["report.sarif"]


def test_a_report_that_breaks_off_leaves_what_was_there(torchcopylint: Run, project: Path) -> None:
    (project / "report.txt").write_text("before\n")
    (project / "pyproject.toml").write_text("[tool.torchcopylint]\nselect = 3\n")
    assert torchcopylint("--output-file", "report.txt", ".").returncode == 2
    assert (project / "report.txt").read_text() == "before\n"
    assert not list(project.glob(".torchcopylint-*"))


def test_a_report_may_go_to_what_is_no_file(torchcopylint: Run, project: Path) -> None:
    assert "TCL505" in torchcopylint("--output-file", "/dev/stdout", ".").stdout


def test_a_report_that_cannot_be_placed_is_told(torchcopylint: Run, project: Path) -> None:
    done = torchcopylint("--output-file", "my src/odd.py/report.txt", ".")
    assert done.returncode == 2 and done.stderr.startswith("torchcopylint: stopped: ")


def test_the_readme_names_every_format() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in formats() if f"`{name}`" not in readme] == []
