"""The page in a real browser: what is drawn, what filters and buttons do, on a phone, in the dark, without network."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workspace import BOTH, LOST, ROOT, Run, write

pytest.importorskip("selenium")
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not BROWSER or not DRIVER, reason="needs chromium and its driver")

VIEW = """\
import torch


def soften(images: torch.Tensor) -> torch.Tensor:
    centre = images[:, 1:-1]
    centre.mul_(0.5)
    return centre + images.mean()
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1100,900"):
        options.add_argument(f"--{argument}")
    options.binary_location = str(BROWSER)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser: Any, torchcopylint: Run, tmp_path: Path) -> Any:
    """The browser, showing the report on three files."""
    write(tmp_path, a=BOTH, b=LOST, view=VIEW)
    done = torchcopylint("--output-format", "html", "--output-file", "report.html", ".")
    assert (done.returncode, done.stderr) == (1, "")
    browser.get((tmp_path / "report.html").as_uri())
    return browser


def all_of(page: Any, selector: str) -> list[Any]:
    return list(page.find_elements(By.CSS_SELECTOR, selector))


def shown(page: Any) -> list[str]:
    """Path and code of the findings that can be seen, in order."""
    seen = [article for article in all_of(page, "article") if article.is_displayed()]
    return [f"{article.get_attribute('data-path')} {article.get_attribute('data-code')}" for article in seen]


def choose(page: Any, name: str, value: str) -> None:
    Select(page.find_element(By.ID, name)).select_by_value(value)


def test_everything_is_there_and_nothing_is_fetched(page: Any, tmp_path: Path) -> None:
    assert shown(page) == ["a.py TCL505", "a.py TCL107", "b.py TCL505", "view.py TCL301"]
    assert page.get_log("browser") == []
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert re.findall(r"(?:src|href)=\"(?!#)|https?:|url\(|@import", (tmp_path / "report.html").read_text()) == []


def test_filters_and_search(page: Any) -> None:
    choose(page, "rule", "TCL505")
    assert shown(page) == ["a.py TCL505", "b.py TCL505"]
    choose(page, "file", "b.py")
    assert shown(page) == ["b.py TCL505"]
    assert page.find_element(By.ID, "count").text == "1"
    choose(page, "rule", "")
    choose(page, "file", "")
    page.find_element(By.ID, "search").send_keys("SOFTEN images")
    assert shown(page) == ["view.py TCL301"]
    page.find_element(By.ID, "search").send_keys(" nowhere")
    assert shown(page) == [] and page.find_element(By.ID, "none").is_displayed()


def test_by_rule(page: Any) -> None:
    page.find_element(By.ID, "by-rule").click()
    assert [title.text.split()[0] for title in all_of(page, ".group h2")] == ["TCL107", "TCL301", "TCL505"]
    assert shown(page) == ["a.py TCL107", "view.py TCL301", "a.py TCL505", "b.py TCL505"]


def test_the_steps_are_drawn_beside_their_lines_and_walked_one_by_one(page: Any) -> None:
    (article,) = all_of(page, "article[data-code='TCL301']")
    dots = article.find_elements(By.CSS_SELECTOR, ".dot")
    notes = article.find_elements(By.CSS_SELECTOR, ".note")
    assert [dot.text for dot in dots] == [note.text.split()[0] for note in notes] and len(dots) > 1
    for dot, note in zip(dots, notes, strict=True):
        middle = [part.rect["y"] + part.rect["height"] / 2 for part in (dot, note)]
        assert abs(middle[0] - middle[1]) < 4
    assert len(article.find_elements(By.CSS_SELECTOR, ".leg")) == len(dots) - 1
    forward = article.find_element(By.CSS_SELECTOR, "[data-walk='1']")
    for step in range(1, len(dots) + 1):
        forward.click()
        assert article.find_element(By.TAG_NAME, "output").text == f"step {step} of {len(dots)}"
        assert [note.text.split()[0] for note in article.find_elements(By.CSS_SELECTOR, ".note.on")] == [str(step)]
    forward.click()
    assert article.find_elements(By.CSS_SELECTOR, ".on, .walking") == []


def test_the_picture_has_a_box_its_names_and_the_write_in_red(page: Any) -> None:
    (picture,) = all_of(page, "article[data-code='TCL301'] svg.sharing")
    names = [name.text for name in picture.find_elements(By.CSS_SELECTOR, ".name")]
    assert names == ["images", "centre"]
    assert [name.text for name in picture.find_elements(By.CSS_SELECTOR, ".name.writes")] == ["centre"]
    assert len(picture.find_elements(By.CSS_SELECTOR, ".storage")) == 1
    write_ = picture.find_element(By.CSS_SELECTOR, "text.write")
    assert write_.text == "centre.mul_(0.5)"
    assert write_.value_of_css_property("fill") == "rgb(207, 34, 46)"
    assert "centre.mul_(0.5) writes through centre" in picture.get_attribute("aria-label")


def test_it_fits_a_phone_and_the_dark(page: Any) -> None:
    screen = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") <= 360
        body = page.find_element(By.TAG_NAME, "body")
        assert body.value_of_css_property("background-color") == "rgba(13, 17, 23, 1)"
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_odd_source_cannot_break_out_of_the_page(browser: Any, torchcopylint: Run, tmp_path: Path) -> None:
    text = "import torch\nx = torch.zeros(3)\n'</script><script>document.title=1</script>\"&amp;\x07'; x.clone()\n"
    write(tmp_path, a=text)
    (tmp_path / "a.py").rename(tmp_path / "a'\"><b>.py")
    torchcopylint("--output-format", "html", "--output-file", "report.html", ".")
    browser.get((tmp_path / "report.html").as_uri())
    assert browser.title == "torchcopylint: 1 findings"
    assert "'</script><script>document.title=1</script>\"&amp;\\x07'; x.clone()" in (
        browser.find_element(By.TAG_NAME, "pre").text
    )
    Select(browser.find_element(By.ID, "file")).select_by_index(1)
    assert len(shown(browser)) == 1


def test_the_assets_are_in_the_package() -> None:
    page = ROOT / "torchcopylint" / "report" / "formats" / "page"
    assert {path.name for path in page.iterdir()} == {"page.css", "page.js"}
