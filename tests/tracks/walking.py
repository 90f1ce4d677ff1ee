"""One track walked in the browser by everybody it takes. Every click waits for the words that show its step is done."""

import re

from assessment import edition_rules, questionnaire
from assessment import self_assessment_service as assessing
from declarations import content
from declarations.models import SectionContent
from declarations.vocabulary import Kind
from tests.factories.recommendations import PASSWORD
from tests.journeys.walk import explain

TYPED = {Kind.TEXT: "浏览器里填的话", Kind.TEXTAREA: "浏览器里填的最后一段话。"}


class Walk:
    """`open_page(user)` gives a page of that person; each keeps one page for the whole walk."""

    def __init__(self, open_page):
        self.open_page, self.pages = open_page, {}

    def page(self, user, path):
        if user.pk not in self.pages:
            self.pages[user.pk] = self.open_page(user)
        self.pages[user.pk].goto(path)
        return self.pages[user.pk]

    def assess(self, user, assessment, question, reached):
        """The last open question, then the conclusion."""
        page = self.page(user, "/assessments/")
        page.get_by_role("link", name=assessment.edition.title).click()
        page.get_by_role("link", name="接着作答").click()
        page.get_by_role("group", name=question.text, exact=True).get_by_label("满足", exact=True).check()
        page.get_by_role("button", name="保存，回到目录").click()
        page.get_by_role("button", name="完成自评，看结论").click()
        page.get_by_role("heading", name=f"自评达到{reached}").wait_for()

    def fill(self, user, declaration, gaps):
        """What is still missing, each reached from the page that checks all answers."""
        page = self.page(user, f"/declarations/{declaration.public_id}/")
        page.get_by_role("link", name="先看全部内容").click()
        for field in gaps:
            page.get_by_role("heading", name="处没有填").wait_for()
            page.locator(f"a[href*='/{field.section}/'][href$='id_{field.key}']").first.click()
            page.locator(f"#id_{field.key}").fill(TYPED[field.kind])
            page.get_by_role("button", name="保存", exact=True).click()
            page.get_by_text(
                f"{content.describe(declaration.track).section(field.section).title}已保存"
            ).first.wait_for()
            page.goto(f"/declarations/{declaration.public_id}/check/")
        page.get_by_role("heading", name="没有要改正的地方").wait_for()

    def submit(self, user, declaration):
        page = self.page(user, f"/declarations/{declaration.public_id}/check/")
        page.get_by_role("link", name="去提交").click()
        self._tick(page, page.get_by_role("button", name="提交申报书"))
        page.get_by_role("button", name="提交申报书").click()
        page.get_by_text("已提交，回执在下面").first.wait_for()

    def review(self, user, enterprise):
        page = self.page(user, "/reviews/")
        page.get_by_role("link", name=enterprise.name).click()
        page.get_by_role("button", name="受理", exact=True).click()
        page.get_by_text("已受理，可以开始审核").first.wait_for()
        page.get_by_role("button", name="审核通过").wait_for()
        for box in page.get_by_role("radio", name="通过", exact=True).all():
            box.check()
        page.get_by_role("button", name="审核通过").click()
        page.get_by_text("已审核通过，进入推荐排序").first.wait_for()

    def rank(self, user, track, names):
        """A new list, the projects in the order of their names, handed over to be sealed."""
        page = self.page(user, "/lists/")
        row = page.locator("form").filter(has_text=re.compile(rf"^\s*{re.escape(track.title)} · "))
        row.get_by_role("button", name="建立推荐名单").click()
        for name in names:
            page.get_by_role("button", name=re.compile(rf"^加入名单\s*{name}$")).click()
            page.get_by_label(f"{name} 的名次，改后回车").wait_for()
        page.get_by_label(f"{names[-1]} 的名次，改后回车").fill("1")
        page.get_by_label(f"{names[-1]} 的名次，改后回车").press("Enter")
        page.get_by_role("button", name="撤销上一步").wait_for()
        explain(page)
        page.get_by_role("button", name="定稿，交用印人封存").click()
        page.get_by_text("名单已定稿。请另一位用印人核对后封存。").first.wait_for()

    def seal(self, user, track, count):
        page = self.page(user, "/lists/")
        page.get_by_role("link", name=track.title, exact=True).first.click()
        page.get_by_role("link", name="封存推荐名单…").click()
        # A dialog, or a page of its own where the click came before the script.
        button = page.get_by_role("button", name=f"封存 {count} 个项目")
        form = page.locator("form").filter(has=button)
        self._tick(form, button)
        form.get_by_label("请输入要封存的项目数").fill(str(count))
        form.get_by_label("请再次输入您的登录密码").fill(PASSWORD)
        button.click()
        page.get_by_text("推荐名单已封存，只读").wait_for()

    def download(self, user, name):
        """The file behind a link of the sealed list."""
        page = self.pages[user.pk]
        with page.expect_download() as waiting:
            page.get_by_role("link", name=name, exact=True).click()
        return waiting.value.path().read_bytes()

    @staticmethod
    def _tick(place, last):
        """Every box, once what stands after them is there."""
        last.wait_for()
        for box in place.get_by_role("checkbox").all():
            box.check()


def almost_assessed(enterprise, edition, actor, tier):
    """A self-assessment that lacks one answer: (it, the open question, the name of what it will reach)."""
    rules = edition_rules.from_edition(edition)
    asked = questionnaire.questions(rules)
    flags = {one.code: True for one in asked[:-1]}
    segment = next(iter(rules.segments))
    instance = {"segment": segment, "scenario": "", "name": "实例", "uses_ai": True}
    answers = {
        "flags": flags, "maturity_level": 5, "prior_tiers": ["ADVANCED", "BASIC", "EXCELLENCE"],
        "areas": sorted(rules.areas), "scenario_instances": [instance], "is_branch": False, "industry": "C3670",
        "built_until": "2021-06",
    }  # fmt: skip
    made = assessing.start(enterprise, edition, actor, target=tier)
    assessing.save(made, answers, made.version, actor)
    return made, asked[-1], list(rules.tiers.values())[-1]


def left_open(declaration):
    """Empty the first and the last required line or text of the form; returns their fields."""
    description = content.describe(declaration.track)
    can = [
        one for section in description.sections for one in section.fields
        if one.kind in TYPED and one.required and one.stored and not one.fixed and "required_when" not in one.params
    ]  # fmt: skip
    gaps = [can[0], can[-1]]
    for one in gaps:
        row = SectionContent.objects.get(declaration=declaration, key=one.section)
        data = {key: value for key, value in row.data.items() if key != one.key}
        SectionContent.objects.filter(pk=row.pk).write(data=data)
    return gaps
