"""A later deadline for one enterprise: two persons, written down, honoured by the rule for filing, nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from declarations import content, deadlines, extensions, notices, services
from declarations.deadlines import server_time
from declarations.models import Declaration, Extension, Notice, Track
from smartfactory import workflow
from smartfactory.models import AuditEntry, Role
from smartfactory.templatetags.yan import cn_datetime
from smartfactory.workflow import Blocked, NotAllowed, fire
from tests.factories.declarations import extend_deadline
from tests.factories.organisations import make_authority, make_enterprise, make_member

SOON = timedelta(days=2)


@pytest.fixture
def late(draft):
    """A draft whose deadline is over."""
    extend_deadline(draft, timezone.now() - timedelta(days=1))
    recommender_deadline(draft, timezone.now() + 5 * SOON)
    return draft


def recommender_deadline(declaration, at):
    """The place's own, in which the recommender has to be ready."""
    extend_deadline(declaration, at, "recommender", "测试第三条")


@pytest.fixture
def colleague(late):
    return make_member(Role.SEALER, authority=late.receiver)


@pytest.fixture
def proposed(late, official):
    return extensions.propose(
        late.enterprise,
        late.track,
        official,
        until=timezone.now() + SOON,
        reason="机房停电两天",
        clause="补报会议纪要 3 号",
    )


def confirm(one, by):
    return fire(one, "confirm", actor=by, version=one.version)


def file(declaration, signatory):
    promises = [one.key for one in content.describe(declaration.track).promises]
    fresh = Declaration.objects.get(pk=declaration.pk)
    return fire(
        fresh, "submit", actor=signatory, version=fresh.version, received_at=server_time(), promises=promises
    )  # fmt: skip


def test_what_is_granted_is_honoured_and_cited(late, signatory, proposed, colleague):
    with pytest.raises(Blocked, match="已经截止"):
        file(late, signatory)
    confirm(proposed, colleague)
    revision = file(late, signatory).latest_revision
    assert revision.deadline_at == proposed.until
    assert revision.deadline_clause == "补报会议纪要 3 号"


def test_a_proposal_alone_moves_nothing(late, proposed):
    assert deadlines.for_declaration(late).granted is None


def test_it_is_nobody_elses(late, proposed, colleague):
    confirm(proposed, colleague)
    other = make_enterprise()
    assert other.receiver == late.receiver
    assert deadlines.for_enterprise(late.track, other).granted is None
    another = Track.objects.exclude(pk=late.track_id).filter(deadlines__stage="enterprise").first()
    assert deadlines.for_enterprise(another, late.enterprise).granted is None


def test_who_proposed_does_not_confirm(proposed, official):
    with pytest.raises(NotAllowed):
        confirm(proposed, official)
    assert [one.name for one in workflow.available(proposed, official)] == ["refuse"]


@pytest.mark.parametrize("who", ["signatory", "stranger", "auditor"])
def test_only_the_line_decides(proposed, late, signatory, who):
    people = {
        "signatory": lambda: signatory,
        "stranger": lambda: make_member(Role.OFFICIAL, authority=make_authority("990102")),
        "auditor": lambda: make_member(Role.AUDITOR, authority=late.receiver),
    }
    person = people[who]()
    with pytest.raises(NotAllowed):
        confirm(proposed, person)
    with pytest.raises((NotAllowed, Blocked)):
        extensions.enterprise(person, late.enterprise.credit_code)


def test_taken_back_it_ends(late, signatory, proposed, colleague, official):
    fire(confirm(proposed, colleague), "withdraw", actor=official, version=2)
    with pytest.raises(Blocked, match="已经截止"):
        file(late, signatory)


def test_the_enterprise_is_told_and_the_trail_knows(late, signatory, proposed, colleague, client_for):
    confirm(proposed, colleague)
    told = Notice.objects.filter(declaration=late, user=signatory).latest("pk")
    assert told.title.startswith("可以补报，延到")
    assert "机房停电两天" in told.text
    acts = list(AuditEntry.objects.filter(act__startswith="extension.").values_list("act", flat=True))
    assert acts == ["extension.propose", "extension.confirm"]
    page = client_for(signatory).get(reverse("declaration_detail", args=[late.public_id])).text
    assert "已为贵单位延期：机房停电两天" in page


def test_it_may_be_begun_late_as_well(late, colleague, official):
    firm = make_enterprise()
    signer = make_member(Role.SIGNATORY, enterprise=firm)
    with pytest.raises(services.NotOpen):
        services.start(enterprise=firm, track=late.track, actor=signer)
    until = timezone.now() + SOON
    confirm(extensions.propose(firm, late.track, official, until=until, reason="新迁入", clause="纪要"), colleague)
    assert services.start(enterprise=firm, track=late.track, actor=signer).enterprise == firm


def test_people_are_reminded_of_their_own_deadline(late, signatory, proposed, colleague):
    extend_deadline(late, timezone.now() - timedelta(days=100))
    one = confirm(proposed, colleague)
    assert notices.remind(one.until - timedelta(days=1)) > 0
    assert Notice.objects.filter(user=signatory, title="还有 1 天截止").exists()


@pytest.mark.parametrize(("wrong", "words"), [(-SOON, "已经过去"), (timedelta(seconds=-1), "已经过去")])
def test_a_time_that_is_over_is_refused(late, official, wrong, words):
    with pytest.raises(Blocked, match=words):
        extensions.propose(
            late.enterprise, late.track, official, until=timezone.now() + wrong, reason="测试", clause="测试"
        )


def test_a_time_that_is_not_later_is_refused(draft, official):
    with pytest.raises(Blocked, match="延期要比它晚"):
        extensions.propose(
            draft.enterprise, draft.track, official, until=timezone.now() + SOON, reason="测试", clause="测试"
        )


def test_one_at_a_time(proposed, late, official):
    with pytest.raises(Blocked, match="没有办完"):
        extensions.propose(
            late.enterprise, late.track, official, until=timezone.now() + SOON, reason="再来", clause="测试"
        )
    assert Extension.objects.count() == 1


def test_the_page_proposes_and_another_confirms(late, official, colleague, client_for):
    page = reverse("extension_list")
    when = timezone.localtime(timezone.now() + SOON)
    body = {
        "credit_code": late.enterprise.credit_code.lower(), "track": late.track.code,
        "until": f"{when:%Y-%m-%dT%H:%M}", "reason": "机房停电两天", "clause": "纪要 3 号",
    }  # fmt: skip
    shown = client_for(official).post(page, body, follow=True).text
    assert "等待复核" in shown
    assert "收回" in shown
    assert "同意延期" not in shown
    one = Extension.objects.get()
    assert "复核 1 件延期" in client_for(colleague).get("/").text
    decided = reverse("extension_decide", args=[one.public_id])
    act = {"act": "confirm", "version": one.version}
    assert client_for(official).post(decided, act).status_code == 403
    assert "已生效" in client_for(colleague).post(decided, act, follow=True).text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("credit_code", "91990000MA00000000", "没有找到由您这里受理的这家企业"),
        ("credit_code", "\0x", "没有找到|不能|空"),
        ("track", "nothing", ""),
        ("until", "soon", ""),
        ("until", "9999-99-99T99:99", ""),
        ("reason", "", "理由"),
        ("clause", "", "依据"),
        ("reason", "长" * 201, "200"),
    ],
)
def test_bad_input_is_named_and_kept(late, official, client_for, field, value, words):
    when = timezone.localtime(timezone.now() + SOON)
    body = {
        "credit_code": late.enterprise.credit_code, "track": late.track.code, "until": f"{when:%Y-%m-%dT%H:%M}",
        "reason": "机房停电", "clause": "纪要",
    } | {field: value}  # fmt: skip
    answer = client_for(official).post(reverse("extension_list"), body)
    assert answer.status_code in (400, 422)
    assert not Extension.objects.exists()
    assert words.split("|")[0] in answer.text or len(words.split("|")) > 1


def test_the_list_costs_the_same_however_long(late, official, client_for, proposed):
    client = client_for(official)
    client.get(reverse("extension_list"))
    counts = []
    for more in (0, 2, 5):
        for _ in range(more):
            firm = make_enterprise()
            extensions.propose(firm, late.track, official, until=timezone.now() + SOON, reason="测试", clause="测试")
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("extension_list"))
        counts.append(len(caught))
    assert len(set(counts)) == 1


def propose_until(declaration, official, until):
    return extensions.propose(
        declaration.enterprise, declaration.track, official, until=until, reason="测试", clause="测试"
    )


def test_it_ends_no_later_than_the_recommender_has_to_be_ready(late, official):
    end = (timezone.now() + SOON).replace(microsecond=0)
    recommender_deadline(late, end)
    with pytest.raises(Blocked, match=f"推荐单位自己要在 {cn_datetime(end)} 前.*测试第三条"):
        propose_until(late, official, end + timedelta(seconds=1))
    assert propose_until(late, official, end).until == end


def test_it_never_reaches_further_than_the_platform_allows(late, official):
    recommender_deadline(late, timezone.now() + timedelta(days=4000))
    most, _ = extensions.longest()
    for far in (timezone.now() + most + timedelta(minutes=1), datetime(9999, 12, 31, tzinfo=UTC)):
        with pytest.raises(Blocked, match="平台要求"):
            propose_until(late, official, far)
    assert propose_until(late, official, timezone.now() + most - timedelta(minutes=1)).pk


def test_only_tracks_of_the_line_that_closed_lately_are_offered(late, official, client_for):
    page = reverse("extension_list")
    client = client_for(official)
    assert [one.code for one in extensions.tracks(official)] == [late.track.code]
    body = {
        "credit_code": late.enterprise.credit_code, "until": f"{timezone.localtime() + SOON:%Y-%m-%dT%H:%M}",
        "reason": "机房停电", "clause": "纪要",
    }  # fmt: skip
    for code in Track.objects.exclude(pk=late.track_id).values_list("code", flat=True)[:3]:
        assert f'value="{code}"' not in client.get(page).text
        answer = client.post(page, body | {"track": code})
        assert answer.status_code == 422
        assert "这一类别不由您这里受理，或者截止已经太久" in answer.text
    extend_deadline(late, timezone.now() - extensions.longest()[0] - timedelta(days=1))
    assert extensions.tracks(official) == []
    assert "现在没有可以延期的" in client.get(page).text
    with pytest.raises(Blocked, match="不再延期"):
        propose_until(late, official, timezone.now() + SOON)


def test_an_empty_form_names_each_field(late, official, client_for):
    shown = client_for(official).post(reverse("extension_list"), {}).text
    for words in ("企业的统一社会信用代码是空的", "申报类别还没有选", "延到是空的", "理由是空的", "依据是空的"):
        assert words in shown
    assert "必填项" not in shown


class TestChangedSince:
    """What bounded it when it was proposed bounds it again when the second person agrees."""

    @pytest.fixture
    def agree(self, proposed, colleague, client_for):
        def post():
            page = client_for(colleague).post(
                reverse("extension_decide", args=[proposed.public_id]), {"act": "confirm", "version": proposed.version}
            )
            proposed.refresh_from_db()
            return page.status_code, page.content.decode(), proposed.status

        return post

    def refused(self, answer, words):
        status, page, now = answer
        assert (status, now) == (422, "proposed")
        assert words in page
        assert "没有办成" in page
        assert "这一件不能再同意。请按“不同意”办结" in page
        assert not AuditEntry.objects.filter(act="extension.confirm").exists()
        assert not Notice.objects.filter(title__startswith="可以补报").exists()

    def test_the_recommenders_own_deadline_came_nearer(self, agree, late):
        recommender_deadline(late, timezone.now() + SOON / 2)
        self.refused(agree(), "推荐单位自己要在")

    def test_everybody_has_longer_by_now(self, agree, late):
        extend_deadline(late, timezone.now() + 2 * SOON)
        self.refused(agree(), "大家的截止时间是")

    def test_its_own_time_has_passed(self, agree, proposed):
        Extension.objects.filter(pk=proposed.pk).update(until=timezone.now() - timedelta(minutes=1))
        self.refused(agree(), "延到的时间已经过去")

    def test_nothing_changed(self, agree):
        assert agree()[::2] == (302, "in_force")
