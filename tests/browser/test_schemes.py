"""The page of a scheme: drafted, told what is wrong as one types, tried, published."""

import re

from playwright.sync_api import expect


def test_an_evaluator_drafts_tries_and_publishes_a_scheme(page_of, watch):
    watch.refusals |= {422}
    page = page_of("evaluator", "/admin/schemes")
    page.get_by_label("编码：", exact=False).fill("autumn")
    page.get_by_label("新方案以此为蓝本").select_option("GBT30428.4-department")
    page.get_by_label("方案名称").fill("秋季方案")
    page.get_by_role("button", name="建立草稿").click()
    page.get_by_role("link", name="秋季方案").click()
    expect(page.locator("h1")).to_have_text("秋季方案")
    expect(page.locator("#faults")).to_have_text("方案检查无误。")

    formula = page.locator('[data-row=parts] [data-field="formula"]').nth(1)
    formula.fill("archive_num / ")
    expect(page.locator("#faults")).to_contain_text("有1处需要改正")
    expect(page.locator(".row-fault:visible")).to_contain_text("公式在第14个字符处意外结束")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator("#told")).to_contain_text("意外结束")
    formula.fill("archive_num / archive_need_num")
    expect(page.locator("#faults")).to_have_text("方案检查无误。")

    page.locator("[data-add=deductions]").click()
    row = page.locator("ul [data-row=deductions]")
    for name, value in (
        ("code", "shirk"),
        ("name", "推诿"),
        ("formula", "shirk_num"),
        ("each", "1"),
    ):
        row.locator(f'[data-field="{name}"]').fill(value)
    page.get_by_role("button", name="两种都算").click()
    expect(page.locator("#simulated table")).to_contain_text("环卫")

    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#default").uncheck()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator(".admin-head .chip")).to_have_text("已发布")
    expect(formula).to_be_disabled()
    page.goto("/admin/schemes")
    expect(page.get_by_role("row").filter(has_text="秋季方案")).to_contain_text(
        re.compile("已发布")
    )
