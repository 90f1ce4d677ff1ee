"""The walk of the README: one factory's declaration from draft to a sealed, verified, downloaded recommendation.

The browser test walks it and checks what each person sees; script/screenshots walks it and keeps the pictures.
"""

import re

from tests.support.browser import PHONE

FACTORY = "澜州精锻科技有限公司"
TRACK = "2024年度卓越级智能工厂"


def tick(boxes):
    """Tick all of them, once the page that holds them is whole."""
    boxes.page.wait_for_load_state()
    boxes.first.wait_for()
    for box in boxes.all():
        box.check()


def explain(page):
    """Why the order is not that of the points, wherever the list's page asks."""
    page.wait_for_load_state()
    boxes = page.get_by_label(re.compile("的次序理由")).all()
    for box in boxes:
        box.fill("建成时间更早，现场核查更成熟")
    if boxes:
        page.get_by_role("button", name="保存次序说明").click()
        page.get_by_text("次序说明已保存").wait_for()


class Walk:
    """`sign_in(name, viewport)` gives a page of that person, `visit(path)` one of nobody; `picture(page, name)` looks."""

    def __init__(self, sign_in, visit, password, picture=lambda page, name: None):
        self.sign_in, self.visit, self.password, self.picture = sign_in, visit, password, picture
        self.code = ""

    def until_verified(self):
        self.assess()
        self.fill()
        self.submit()
        self.review()
        self.list_and_seal("city", "citysealer", "city")
        self.list_and_seal("province", "sealer", "province")
        self.verify()

    def assess(self):
        """申报人: how far the factory is from each tier, and where each gap is mended."""
        page = self.sign_in("enterprise")
        self.picture(page, "01-home")
        page.get_by_role("link", name="自评", exact=True).click()
        page.get_by_role("row").filter(has_text="完成").get_by_role("link").first.click()
        page.get_by_role("heading", name=re.compile("自评达到")).wait_for()
        self.picture(page, "02-self-assessment")

    def fill(self):
        """申报人: the two things that are still missing, found by 下一步."""
        page = self.sign_in("enterprise")
        page.goto("/declarations/")
        page.get_by_role("main").get_by_role("link", name=re.compile("智能工厂")).first.click()
        self.picture(page, "03-task-list")
        page.get_by_role("link", name="核对并提交").or_(page.get_by_role("link", name="先看全部内容")).first.click()
        page.get_by_role("link", name=re.compile("部门和职务")).first.click()
        page.get_by_label("部门和职务").fill("智能制造部主任")
        page.get_by_role("button", name="保存", exact=True).click()
        page.get_by_text("已保存。").wait_for()
        page.get_by_role("link", name=re.compile("^四")).first.click()
        page.get_by_label("水资源重复利用率：数值（%）").fill("91.5")
        self.picture(page, "04-section")
        page.get_by_role("button", name="保存并核对全部内容").click()
        page.get_by_text("没有要改正的地方").wait_for()
        self.picture(page, "05-check")

    def submit(self):
        """企业负责人: three promises, one click, a receipt."""
        page = self.sign_in("signatory")
        page.get_by_role("link", name=re.compile("核对内容|去提交|核对")).first.click()
        page.get_by_role("link", name=re.compile("去提交")).first.click()
        page.get_by_role("button", name="提交申报书").wait_for()
        tick(page.get_by_role("checkbox"))
        self.picture(page, "06-submit")
        page.get_by_role("button", name="提交申报书").click()
        page.get_by_text("回执").first.wait_for()
        self.picture(page, "07-receipt")

    def review(self):
        """市经办人: take up, look, tick, qualify."""
        page = self.sign_in("city")
        page.get_by_role("navigation").get_by_role("link", name=re.compile("审核")).first.click()
        self.picture(page, "08-queue")
        page.get_by_role("link", name=FACTORY).click()
        page.get_by_role("button", name="受理").click()
        page.get_by_role("button", name="审核通过").wait_for()
        tick(page.get_by_role("radio", name="通过"))
        page.get_by_role("button", name="保存审核记录").last.click()
        page.get_by_text("审核记录已保存").wait_for()
        page.get_by_role("button", name="审核通过").scroll_into_view_if_needed()
        self.picture(page, "09-review")
        page.get_by_role("button", name="审核通过").click()
        page.get_by_text("已审核通过，进入推荐排序").wait_for()

    def list_and_seal(self, official, sealer, name):
        """经办人 ranks and hands over; another person seals with password, ticks and the number of projects."""
        page = self.sign_in(official)
        self._open_list(page)
        page.get_by_role("button", name=re.compile(f"加入名单 *{FACTORY}")).click()
        rank = page.get_by_label(f"{FACTORY} 的名次，改后回车")
        rank.fill("1")
        rank.press("Enter")
        page.get_by_role("button", name="撤销上一步").wait_for()
        explain(page)
        self.picture(page, f"10-{name}-ranking")
        page.get_by_role("button", name="定稿，交用印人封存").click()
        page.get_by_text("退回排序").wait_for()

        page = self.sign_in(sealer)
        self._open_list(page)
        page.get_by_role("link", name="封存推荐名单…").click()
        # Without scripts the link leads to a page of its own.
        dialog = page.get_by_role("dialog") if page.get_by_role("dialog").count() else page.get_by_role("main")
        button = dialog.get_by_role("button", name=re.compile(r"封存 \d+ 个项目"))
        button.wait_for()
        tick(dialog.get_by_role("checkbox"))
        dialog.get_by_label("请输入要封存的项目数").fill(re.search(r"\d+", button.inner_text())[0])
        dialog.get_by_label("请再次输入您的登录密码").fill(self.password)
        self.picture(page, f"11-{name}-seal")
        button.click()
        page.get_by_text("推荐名单已封存，只读").wait_for()
        self.picture(page, f"12-{name}-sealed")
        self.code = page.locator("a.num[href^='/verify/']").first.inner_text().replace(" ", "")

    def _open_list(self, page):
        page.goto("/lists/")
        page.get_by_role("row").filter(has_text=TRACK).get_by_role("link", name=TRACK).first.click()

    def verify(self):
        """The public: the code on the paper, typed on a phone."""
        page = self.visit("/verify/", PHONE)
        page.get_by_label(re.compile("校验码")).fill(self.code)
        page.get_by_role("button", name=re.compile("核验")).first.click()
        page.get_by_role("heading", name="有效").wait_for()
        page.get_by_text(FACTORY).wait_for()
        self.picture(page, "13-verify")

    def download(self):
        """省经办人 orders the packet; the expert downloads it."""
        page = self.sign_in("province")
        page.goto("/packets/")
        page.get_by_role("button", name=re.compile(f"生成材料包.*云泽省.*{TRACK}")).click()
        page = self.sign_in("expert")
        page.goto("/packets/")
        page.get_by_role("row").filter(has_text=TRACK).get_by_role("link").first.click()
        link = page.get_by_role("link", name="下载材料包")
        link.wait_for(timeout=600_000)
        self.picture(page, "14-packet")
        with page.expect_download() as waiting:
            link.click()
        self.packet = waiting.value.path()

    def look_back(self):
        """Dashboard and trail."""
        page = self.sign_in("province")
        page.goto("/dashboard/")
        self.picture(page, "15-dashboard")
        page = self.sign_in("auditor")
        page.goto("/audit/")
        page.get_by_role("row").filter(has_text="封存").first.wait_for()
        self.picture(page, "16-audit")
