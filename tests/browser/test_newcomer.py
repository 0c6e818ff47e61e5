"""A newcomer founds a city of real files through the pages alone: the acceptance of base data."""

import csv
import io
import lzma
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, expect
from psycopg2 import sql
from sqlalchemy import create_engine, text

from app.kernel import clock
from tests.browser import house
from tests.browser.conftest import DEVICE
from tests.browser.watch import Watch
from tests.city import PASSWORD
from tests.conftest import ROOT, drop, url_of
from tests.conftest import run as on_server
from tests.importing import DATA

pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="The real data is not in ../shared/data beside the checkout."
)
STREET, BORDER = (
    "310115005",
    "121.4845, 31.2275\n121.5150, 31.2275\n121.5150, 31.2455\n121.4845, 31.2455",
)
SHEETS = ("roads", "buildings", "water", "landuse", "pois", "places")
PHONE = {"width": 390, "height": 844}
WORK_MS = 60_000
SOUND = re.compile("没有错误|错误 0 个")
ASKED = {
    "滨江大道2727号": "滨江大道2727号",
    "世纪大道８号": "世纪大道8号",
    "世纪大到8号": "世纪大道8号",
    "东昌路518号": "东昌路518号",
    "东昌路508号": "东昌路508号",
    "浦东南路": "浦东南路",
    "上海国际会议中心": "上海国际会议中心",
    "人民英雄纪念塔": "人民英雄纪念塔",
    "sjdd100": "世纪大道100号",
    "dfmz": "东方明珠电视塔",
    "世纪大道与浦东南路交叉口": "世纪大道与浦东南路交叉口",
}
"""Ten addresses and a crossing as people say them, and what they are called."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[str]:
    """Return the address of a Wanmi whose database has the standard rows and two people."""
    name = f"wanmi_newcomer_{uuid4().hex[:8]}"
    on_server(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    data = tmp_path_factory.mktemp("newcomer")
    where = os.environ | {"DATABASE_URL": url_of(name), "DATA": str(data)}
    migrate = (sys.executable, "-m", "flask", "--app", "wsgi", "migrate")
    subprocess.run(migrate, cwd=ROOT, env=where, check=True, capture_output=True)
    hire(url_of(name))
    with house.running(url_of(name), data) as found:
        yield found
    drop(name)


def hire(database: str) -> None:
    """Enter the two people who found the city."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO people (username, name, post, password_hash) VALUES"
                " ('admin', '管理员', 'admin', :h), ('inspector', '监督员', 'inspector', :h)"
            ),
            {"h": quick},
        )
    engine.dispose()


@pytest.fixture(scope="module")
def open_as(browser: Browser, address: str) -> Iterator[Any]:
    """Return a function that opens a browser signed in as somebody; faults are gathered."""
    contexts: list[BrowserContext] = []
    watch = Watch(address)

    def enter(username: str, **more: Any) -> Page:
        context = browser.new_context(base_url=address, **DEVICE | more)
        context.set_default_timeout(15_000)
        contexts.append(context)
        watch.over(context)
        page = context.new_page()
        page.goto("/login")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture(scope="module")
def admin(open_as: Any) -> Page:
    """Return the administrator's browser."""
    found: Page = open_as("admin", viewport={"width": 1366, "height": 768})
    return found


def shanghai() -> bytes:
    """Return Pudong and what is above it, out of the table of the whole country."""
    out = io.StringIO()
    writer = csv.writer(out)
    with lzma.open(DATA / "admin" / "china_5level_2020.csv.xz", "rt", encoding="utf-8") as rows:
        reader = csv.reader(rows)
        writer.writerow(next(reader))
        writer.writerows(
            row for row in reader if row[0] in {"31", "3101"} or row[0][:6] == "310115"
        )
    return out.getvalue().encode()


def next_step(page: Page, words: str) -> None:
    """See on the overview what is to be done next, and go there."""
    page.goto("/admin/")
    expect(page.locator(".first-steps .next a")).to_have_text(words)
    page.click(".first-steps .next a")


def choose(page: Page, words: str, name: str) -> None:
    page.fill("#tree-find", words)
    page.get_by_role("button", name=name).first.click()


def test_1_the_divisions_are_imported(admin: Page) -> None:
    next_step(admin, "导入行政区划")
    file: Any = {"name": "shanghai.csv", "mimeType": "text/csv", "buffer": shanghai()}
    admin.set_input_files("#import-form input[type=file]", file)
    expect(admin.locator("#import-form input[name=upload]")).not_to_have_value("")
    admin.click("#import-form button.btn-primary")
    expect(admin.locator("#import-told")).to_contain_text("未导入 0 行", timeout=WORK_MS)


def test_2_the_area_of_a_street_is_drawn(admin: Page) -> None:
    next_step(admin, "给区划配上区域")
    choose(admin, "陆家嘴", f"陆家嘴街道 {STREET}")
    admin.fill("#area-line", BORDER)
    admin.click("#do-preview")
    expect(admin.locator("#area-told")).to_contain_text("区域有效")
    admin.click("#do-area")
    expect(admin.locator("#told")).to_contain_text(f"已保存 {STREET} 的区域")


def test_3_the_base_map_is_imported(admin: Page) -> None:
    next_step(admin, "导入底图")
    for n, name in enumerate(SHEETS):
        file = DATA / "basemap" / f"shanghai_lujiazui_{name}.geojson.gz"
        admin.set_input_files("#import-base input[type=file]", file)
        expect(admin.locator("#sheets li")).to_have_count(n + 1)
    admin.fill("#source", "OpenStreetMap")
    admin.select_option("#coord_sys", "wgs84")
    admin.click("#import-base button.btn-primary")
    expect(admin.locator("th[scope=row]", has_text="OpenStreetMap")).to_be_visible(timeout=WORK_MS)


def test_4_the_street_is_divided_and_the_check_is_clean(admin: Page) -> None:
    next_step(admin, "划分单元网格")
    choose(admin, "陆家嘴", f"陆家嘴街道 {STREET}")
    admin.once("dialog", lambda dialog: dialog.accept())
    admin.click("#do-make")
    expect(admin.locator("#told")).to_contain_text("个单元网格", timeout=WORK_MS)
    admin.click("#tab-check")
    expect(admin.locator("#check-told")).to_contain_text(SOUND)


def test_5_addresses_are_taken_from_the_base_map_and_imported(admin: Page) -> None:
    next_step(admin, "导入地址")
    admin.click("#harvest")
    expect(admin.locator("#import-told .good")).to_be_visible(timeout=WORK_MS)
    for holds, name in (("streets", "roads"), ("doors", "buildings"), ("places", "pois"),
                        ("tracts", "landuse")):  # fmt: skip
        file = DATA / "basemap" / f"shanghai_lujiazui_{name}.geojson.gz"
        admin.goto("/admin/addresses")
        admin.set_input_files("#import input[type=file]", file)
        expect(admin.locator("#import input[name=upload]")).not_to_have_value("")
        admin.select_option("#import-holds", holds)
        admin.click("#import button.btn-primary")
        expect(admin.locator("#import-told .good")).to_be_visible(timeout=WORK_MS)


def test_6_ten_addresses_and_a_crossing_are_found(admin: Page) -> None:
    admin.goto("/admin/addresses")
    for asked, name in ASKED.items():
        admin.fill("#geocode-q", asked)
        with admin.expect_response("**/api/v1/geocode?*"):
            admin.keyboard.press("Enter")
        first = admin.locator("#geocode-results .hit strong").first
        expect(first).to_have_text(name)


def test_7_a_cell_is_surveyed_on_the_phone(admin: Page, open_as: Any) -> None:
    admin.goto("/admin/surveys")
    admin.fill("#name", "陆家嘴部件普查")
    admin.fill("#area", STREET)
    admin.fill("#due_on", str((clock.now() + timedelta(days=30)).date()))
    admin.click("#begin button.btn-primary")
    admin.wait_for_url("**/admin/surveys/*")
    phone = open_as("inspector", viewport=PHONE, has_touch=True)
    phone.goto("/m/surveys")
    phone.locator(".walk a").first.click()
    box = [float(n) for n in str(phone.locator("#map").get_attribute("bbox")).split(",")]
    middle = f"{(box[0] + box[2]) / 2:.6f}, {(box[1] + box[3]) / 2:.6f}"
    for n in range(2):
        phone.select_option("#kind", index=n)
        phone.fill("#points", middle)
        with phone.expect_navigation():
            phone.click("#add button.btn-primary")
        expect(phone.locator(".parts > li")).to_have_count(n + 1)
    phone.click("#finish")
    phone.wait_for_url("**/m/surveys")
    expect(phone.locator(".walk .done")).to_have_count(1)


def test_8_a_border_is_edited_and_the_check_stays_clean(admin: Page) -> None:
    admin.goto("/admin/places")
    choose(admin, "陆家嘴", f"陆家嘴街道 {STREET}")
    cell = admin.locator("#cells input").first
    code = cell.get_attribute("data-code")
    cell.check()
    west, south, east, north = admin.evaluate(BOX_OF, code)
    middle = (south + north) / 2
    admin.click("#do-split")
    admin.fill("#split-line", f"{west - 0.001}, {middle}\n{east + 0.001}, {middle}")
    admin.click("#split-form button.btn-primary")
    expect(admin.locator("#told")).to_contain_text("已分割为 2 个新网格")
    admin.click("#do-merge")
    expect(admin.locator("#told")).to_contain_text("已合并为")
    admin.click("#tab-check")
    admin.click("#do-check")
    expect(admin.locator("#check-told")).to_contain_text(SOUND, timeout=WORK_MS)


BOX_OF = """async code => {
  const within = code.slice(0, 12);
  const {items} = await (await fetch(`/api/v1/cells?within=${within}`)).json();
  return items.find(one => one.code === code).bbox;
}"""


DRAWN = """() => {
  const map = document.querySelector("wm-map").map;
  return map?.loaded() && map.queryRenderedFeatures().some(one => one.source === "landuse");
}"""


def test_9_a_layer_is_published_and_drawn(admin: Page) -> None:
    admin.goto("/admin/layers")
    admin.fill("#create #title", "用地")
    admin.fill("#create #name", "landuse")
    admin.click("#create button")
    admin.wait_for_url("**/admin/layers/landuse")
    admin.set_input_files(
        "#import input[type=file]", DATA / "basemap" / "shanghai_lujiazui_landuse.geojson.gz"
    )
    expect(admin.locator("wm-upload p")).to_contain_text("已收到")
    with admin.expect_navigation(timeout=WORK_MS):
        admin.click("#import button.btn-primary")
    with admin.expect_navigation():
        admin.click("[data-publish]")
    expect(admin.locator(".version .chip")).to_contain_text("已发布")
    admin.locator("[data-look]").first.click()
    admin.wait_for_function(DRAWN)
    tile = admin.context.request.get("/tiles/landuse/15/27444/13388.mvt")
    assert (tile.status, len(tile.body()) > 100) == (200, True)
    admin.goto("/admin/surveys")
    admin.click(".surveys a")
    admin.click(".map-layers summary")
    admin.check(".map-layers >> text=用地")
    admin.wait_for_function(DRAWN)


def test_the_overview_has_only_beats_left(admin: Page) -> None:
    next_step(admin, "组建责任网格")
    choose(admin, "浦东新区", "浦东新区 310115")
    admin.fill("#balance-count", "2")
    admin.click("#do-balance")
    expect(admin.locator("#told")).to_contain_text("2 个责任网格", timeout=WORK_MS)
    admin.goto("/admin/")
    expect(admin.locator(".first-steps")).to_have_count(0)
