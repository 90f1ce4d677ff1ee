"""Two people of the ministry who keep the policy, one of the invented province, and the pages they work with."""

import re

import pytest
from django.urls import reverse

from assessment.models import Edition, EditionDraft
from smartfactory.models import Authority, Role
from tests.factories.organisations import make_member


@pytest.fixture
def ministry(policy):
    return Authority.objects.get(code="ministry")


@pytest.fixture
def first(ministry):
    return make_member(Role.POLICY, authority=ministry)


@pytest.fixture
def second(ministry):
    return make_member(Role.POLICY, authority=ministry)


@pytest.fixture
def province(policy):
    return make_member(Role.POLICY, authority=Authority.objects.get(code="990000"))


class Desk:
    """A person's browser at the policy desk, without scripts: what is typed, what comes back."""

    def __init__(self, client):
        self.client = client

    def clone(self, code="2026", base="2025", authority="ministry", **more):
        data = {
            "base": base,
            "code": code,
            "title": f"{code[:4]}年度智能工厂梯度培育行动",
            "authority": authority,
            **more,
        }
        response = self.client.post(reverse("policy_clone"), data)
        assert response.status_code == 302, said(response)
        return EditionDraft.objects.get(code=code, status="drafting")

    def page(self, draft, chapter, path=""):
        name = "policy_draft_row" if path else "policy_draft_chapter"
        return reverse(name, args=[draft.public_id, chapter, *([path] if path else [])])

    def typed(self, draft, chapter, path=""):
        """What the form holds as it is opened."""
        form = self.client.get(self.page(draft, chapter, path)).context["form"]
        return {name: form.initial[name] for name in form.rules}

    def save(self, draft, chapter, path="", *, version=None, **values):
        now = draft.chapters.get(name=chapter).version
        data = {**self.typed(draft, chapter, path), **values, "version": version or now}
        return self.client.post(self.page(draft, chapter, path), data)

    def act(self, draft, name, **more):
        draft.refresh_from_db()
        data = {"act": name, "version": draft.version, **more}
        return self.client.post(reverse("policy_draft_act", args=[draft.public_id]), data)

    def detail(self, draft):
        return self.client.get(reverse("policy_draft", args=[draft.public_id]))

    def row(self, draft, chapter, key, /, **wanted):
        """The path of the first row that says this."""
        from assessment.drafting import documents

        doc = documents.read(EditionDraft.objects.get(pk=draft.pk))[chapter]
        for number, row in enumerate(doc[key]):
            if all(row.get(name) == value for name, value in wanted.items()):
                return f"{key}.{number}"
        raise LookupError(wanted)


def said(response):
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def desk(client_for, first):
    return Desk(client_for(first))


@pytest.fixture
def other_desk(client_for, second):
    return Desk(client_for(second))


@pytest.fixture
def province_desk(client_for, province):
    return Desk(client_for(province))


@pytest.fixture
def draft(desk):
    """2026 as cloned from 2025 by the ministry."""
    return desk.clone()


@pytest.fixture
def edition(policy):
    return Edition.objects.get(code="2025")
