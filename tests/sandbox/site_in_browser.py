"""`make browser`: the site in a real Chromium, from the disk: axe finds nothing, nothing scrolls sideways, keys do it all."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.settings.lake_folder import ROOT
from sluice.sandbox.chromium import NoBrowser, find_chromium
from sluice.site.assets_place import open_place
from sluice.site.build import build_site
from sluice.site.rule_pages import rule_file
from tests.made_results.made_lake import NOW, TODAY, load_contracts, make_lake, write_lines
from tests.sandbox.devtools import Page, open_page
from tests.unit.contracts.test_docs import HOSTILE
from tests.unit.site.test_history_pages import make_line

AXE = ROOT / ".axe" / "axe_playwright_python" / "axe.min.js"
PICTURES = ROOT / "docs" / "images"
AXE_RUN = (
    "axe.run(document, {resultTypes: ['violations'], preload: false}).then((result) => result.violations.map((violation) => "
    + ("`${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.target + ' ' + node.failureSummary)}`))")
)
SIZES = ((1280, 800), (390, 844))
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUSED = "document.activeElement.closest('td')?.textContent ?? document.activeElement.id"
CTRL = 2
HOSTILE_RULE = f"trades.{'w' * 90}{HOSTILE}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of eight datasets, one that is retired, and a file that cannot be read."""
    root = tmp_path_factory.mktemp("lake")
    lake = make_lake(root, 8, 400, seed=5)
    write_lines(lake.assets, "runs", "coupons", [make_line(dataset="coupons")], TODAY)
    (lake.assets / f"results/runs/dataset=coupons/day={TODAY}/odd.jsonl").write_text("{")
    build_site(lake.pairs, root / "site", [open_place(str(lake.assets))], root=root, now=NOW)
    return root / "site"


@pytest.fixture(scope="module")
def odd_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with one bad run, whose rule has a very long name with markup, and another without results."""
    root = tmp_path_factory.mktemp("odd")
    broken = [{"rule": HOSTILE_RULE, "severity": "critical", "rows": 3}]
    line = make_line(state="FAILED", broken=broken, contracts={HOSTILE: HOSTILE})
    write_lines(root / "assets", "runs", "trades", [line], TODAY)
    pairs = {name: load_contracts(name) for name in ("trades", "buyers")}
    build_site(pairs, root / "site", [open_place(str(root / "assets"))], root=root, now=NOW)
    return root / "site"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of a real Chromium."""
    try:
        browser = find_chromium()
    except NoBrowser as fault:
        pytest.fail(str(fault), pytrace=False)
    with open_page(browser, tmp_path_factory.mktemp("browser")) as browser_page:
        yield browser_page


def check_page(page: Page, path: Path, width: int, height: int, scheme: str) -> None:
    page.show(path.as_uri(), width, height, scheme)
    assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") != "none"  # the style is there
    page.evaluate(AXE.read_text())
    assert page.evaluate(AXE_RUN) == []
    assert page.evaluate(WIDE) <= 0
    assert page.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "rules.html",
        "stock/index.html",
        "coupons/index.html",
        "returns/rules/returns.customer_id.known.html",
        "returns/rules/returns.structure.gzip.html",
    ],
)
def test_a_page_is_accessible_and_fits(name: str, width: int, height: int, scheme: str, page: Page, site: Path) -> None:
    check_page(page, site / name, width, height, scheme)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(
    "name", ["index.html", "trades/index.html", "buyers/index.html", f"trades/rules/{rule_file(HOSTILE_RULE)}"]
)
def test_so_is_a_page_with_long_names_markup_and_no_results(
    name: str, width: int, height: int, page: Page, odd_site: Path
) -> None:
    check_page(page, odd_site / name, width, height, "light")


def test_the_judge_would_find_something(page: Page, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text("<html><body><img src='x.png'><p style='width:3000px'>wide</p></body></html>")
    page.show((tmp_path / "bad.html").as_uri())
    page.evaluate(AXE.read_text())
    assert any(fault.startswith("image-alt") for fault in page.evaluate(AXE_RUN))
    assert page.evaluate(WIDE) > 0


def test_the_policy_keeps_a_script_that_is_not_ours(page: Page, site: Path, tmp_path: Path) -> None:
    text = (site / "index.html").read_text().replace("</main>", "<script>document.title = 'taken'</script></main>")
    (tmp_path / "index.html").write_text(text)
    page.show((tmp_path / "index.html").as_uri())
    assert page.evaluate("document.title") == "Datasets – Sluice"
    assert any("Content Security Policy" in fault for fault in page.faults)


def shown_rows(page: Page) -> Any:
    return page.evaluate("[...document.querySelectorAll('.found tbody tr')].filter((row) => !row.hidden).length")


def test_a_dataset_is_found_by_the_keyboard_alone(page: Page, site: Path) -> None:
    page.show((site / "index.html").as_uri())
    assert shown_rows(page) == 9
    page.press("k", 75, CTRL)
    assert page.evaluate(FOCUSED) == "find"
    page.type_text("RETURNS logistics")
    assert shown_rows(page) == 1
    assert page.evaluate("document.querySelector('output').textContent") == "1 of 9 datasets"
    page.press("Escape", 27)
    assert shown_rows(page) == 9


def test_rules_are_narrowed_to_those_that_broke(page: Page, site: Path) -> None:
    page.show((site / "rules.html").as_uri())
    every = shown_rows(page)
    choose = "const tone = document.querySelector('#tone'); tone.value = 'broke';"
    page.evaluate(f"{choose} tone.dispatchEvent(new Event('input', {{bubbles: true}}))")
    assert 0 < shown_rows(page) < every / 2


def test_arrows_move_through_the_days(page: Page, site: Path) -> None:
    page.show((site / "stock/index.html").as_uri())
    page.evaluate("document.querySelector('.calendar td[tabindex=\"0\"]').focus()")
    last = page.evaluate(FOCUSED)
    assert last.startswith("29refused or failed")
    for key, code, expected in (("ArrowUp", 38, "22"), ("ArrowLeft", 37, "21"), ("ArrowDown", 40, "28")):
        page.press(key, code)
        assert page.evaluate(FOCUSED).startswith(expected)
    for _ in range(4):
        page.press("ArrowUp", 38)
    page.press("ArrowUp", 38)
    assert page.evaluate(FOCUSED).startswith("24")  # of the month before
    page.press("End", 35)
    assert page.evaluate(FOCUSED) == last


def test_a_link_to_a_bad_day_opens_it(page: Page, site: Path) -> None:
    page.show((site / "returns/index.html").as_uri())
    opened = page.evaluate(
        "const link = [...document.querySelectorAll('.calendar a')].at(-1); link.click();"
        "new Promise((done) => setTimeout(() => done(document.querySelector(decodeURIComponent(link.hash)).open), 200))"
    )
    assert opened is True


def test_without_a_script_everything_is_there_but_the_search(page: Page, site: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.show((site / "index.html").as_uri())
        assert page.evaluate("getComputedStyle(document.querySelector('.finder')).display") == "none"
        assert shown_rows(page) == 9
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)


def test_paper_has_the_content_alone(page: Page, site: Path) -> None:
    page.show((site / "stock/index.html").as_uri(), media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.calendar td.good')).backgroundColor")
        != "rgba(0, 0, 0, 0)"
    )
    assert len(page.call("Page.printToPDF")["data"]) > 10_000


def test_pictures_for_the_docs(page: Page, site: Path) -> None:
    dataset = (site / "stock/index.html").as_uri()
    for name, url, width, height, scheme in (
        ("site", (site / "index.html").as_uri(), 1280, 800, "light"),
        ("site-dataset", f"{dataset}#days", 1280, 860, "light"),
        ("site-trends", f"{dataset}#trends", 1280, 860, "dark"),
        ("site-rule", (site / "returns/rules/returns.customer_id.known.html").as_uri(), 1280, 800, "light"),
        ("site-on-a-phone", f"{dataset}#days", 390, 844, "light"),
    ):
        page.show(url, width, height, scheme)
        page.picture(PICTURES / f"{name}.png")
        assert (PICTURES / f"{name}.png").stat().st_size < 200_000
    print(json.dumps({"pictures": str(PICTURES)}))
