"""Files sent in parts: they go on where they stopped, count only when whole, and belong to who began them."""

import hashlib
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from declarations import uploading
from declarations.models import Evidence, LateChangeError, Upload
from smartfactory.files import BadFile
from smartfactory.models import Membership
from tests.factories.declarations import PDF, submit
from tests.factories.organisations import make_member

NAME = "审计报告.pdf"
DIGEST = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def field(draft, description):
    found = next(one for one in description.fields() if one.kind == "files" and one.required and not one.per_instance)
    Evidence.objects.filter(declaration=draft, field=found.key).delete()
    return found


@pytest.fixture
def begun(draft, field, preparer):
    return uploading.begin(draft, field, None, NAME, len(PDF), actor=preparer)


def send(upload, *cuts):
    """Send the file in parts that end at these places."""
    at = 0
    for end in (*cuts, len(PDF)):
        at = uploading.append(upload, at, PDF[at:end])
    upload.refresh_from_db()


@pytest.mark.parametrize("cuts", [(), (1,), (50, 100), (1, 2, 3)])
def test_parts_make_the_file(draft, field, preparer, begun, cuts):
    send(begun, *cuts)
    row = uploading.finish(begun, field, DIGEST, actor=preparer)
    assert (row.name, row.file.read(), row.pages) == (NAME, PDF, 1)
    assert not Upload.objects.exists()
    assert not begun.path.exists()


def test_it_goes_on_where_it_stopped(draft, field, preparer, begun):
    uploading.append(begun, 0, PDF[:100])
    again = uploading.begin(draft, field, None, NAME, len(PDF), actor=preparer)
    assert (again.pk, again.received) == (begun.pk, 100)


def test_a_part_sent_twice_counts_once(begun):
    uploading.append(begun, 0, PDF[:100])
    with pytest.raises(uploading.WrongOffset) as caught:
        uploading.append(begun, 0, PDF[:100])
    assert caught.value.received == 100
    assert begun.path.read_bytes() == PDF[:100]


def test_parts_that_were_lost_are_asked_for_again(draft, field, preparer, begun):
    uploading.append(begun, 0, PDF[:100])
    begun.path.unlink()
    assert uploading.begin(draft, field, None, NAME, len(PDF), actor=preparer).received == 0


def test_it_is_not_finished_before_it_is_whole(field, preparer, begun):
    uploading.append(begun, 0, PDF[:100])
    begun.refresh_from_db()
    with pytest.raises(uploading.WrongOffset):
        uploading.finish(begun, field, DIGEST, actor=preparer)
    assert Upload.objects.exists()


def test_another_content_is_thrown_away(draft, field, preparer, begun):
    send(begun)
    with pytest.raises(BadFile, match="不一致"):
        uploading.finish(begun, field, hashlib.sha256(b"else").hexdigest(), actor=preparer)
    assert not Upload.objects.exists()
    assert not Evidence.objects.filter(declaration=draft, field=field.key).exists()


def test_what_is_refused_is_thrown_away(draft, field, preparer):
    body = b"nothing but text"
    upload = uploading.begin(draft, field, None, NAME, len(body), actor=preparer)
    uploading.append(upload, 0, body)
    upload.refresh_from_db()
    with pytest.raises(BadFile, match="内容不是"):
        uploading.finish(upload, field, hashlib.sha256(body).hexdigest(), actor=preparer)
    assert not Upload.objects.exists()


@pytest.mark.parametrize("size", [0, 10**12])
def test_sizes_that_cannot_be(draft, field, preparer, size):
    with pytest.raises(BadFile, match="这里最大" if size > 0 else "文件是空的"):
        uploading.begin(draft, field, None, NAME, size, actor=preparer)


@pytest.mark.parametrize(("offset", "part"), [(0, b""), (0, PDF + b"x"), (5, PDF)])
def test_parts_that_cannot_be(begun, offset, part):
    with pytest.raises(BadFile, match="大小不对"):
        uploading.append(begun, offset, part)


def test_not_too_many_at_once(draft, field, preparer):
    for number in range(uploading.MOST_OPEN):
        uploading.begin(draft, field, None, f"{number}.pdf", 9, actor=preparer)
    with pytest.raises(BadFile, match="没有传完"):
        uploading.begin(draft, field, None, "还有.pdf", 9, actor=preparer)


def test_after_submission_nothing_is_taken(draft, field, preparer, begun):
    send(begun)
    row = uploading.finish(begun, field, DIGEST, actor=preparer)
    late = uploading.begin(draft, field, None, "后来.pdf", len(PDF), actor=preparer)
    send(late)
    assert row.file_id == DIGEST
    draft = submit(draft)
    with pytest.raises(LateChangeError):
        uploading.begin(draft, field, None, "更晚.pdf", 9, actor=preparer)
    with pytest.raises(LateChangeError):
        uploading.finish(late, field, DIGEST, actor=preparer)
    assert not Upload.objects.exists()


def test_the_abandoned_are_swept(begun):
    send(begun)
    assert uploading.sweep() == 0
    assert uploading.sweep(timezone.now() + uploading.PATIENCE + timedelta(hours=1)) == 1
    assert not begun.path.exists()


def test_over_the_line_and_only_for_who_began(client_for, draft, field, preparer):
    client = client_for(preparer)
    begin = reverse("declaration_uploads", args=[draft.public_id])
    body = {"section": field.section, "field": field.key, "name": NAME, "size": len(PDF)}
    way = client.post(begin, body).json()
    assert way["offset"] == 0
    colleague = make_member("preparer", enterprise=draft.enterprise)
    assert Membership.objects.filter(user=colleague).exists()
    part = {"data": PDF[:50], "content_type": "application/octet-stream"}
    assert client_for(colleague).post(way["part"] + "?offset=0", **part).status_code == 404
    assert client.post(way["part"] + "?offset=0", **part).json() == {"offset": 50}
    again = client.post(way["part"] + "?offset=0", **part)
    assert (again.status_code, again.json()) == (409, {"offset": 50})
    early = client.post(way["finish"], {"sha256": DIGEST})
    assert (early.status_code, early.json()) == (409, {"offset": 50})
    rest = client.post(way["part"] + "?offset=50", PDF[50:], content_type="application/octet-stream")
    assert rest.json() == {"offset": len(PDF)}
    told = client.post(way["finish"], {"sha256": DIGEST}).json()["message"]
    assert told.startswith(f"“{NAME}”已上传。内容与“")
    assert client.post(way["finish"], {"sha256": DIGEST}).status_code == 404


@pytest.mark.parametrize("bad", [{"section": "x"}, {"field": "nature"}, {"field": "\0"}, {"uid": "x"}])
def test_places_that_are_not_there(client_for, draft, field, preparer, bad):
    begin = reverse("declaration_uploads", args=[draft.public_id])
    body = {"section": field.section, "field": field.key, "name": NAME, "size": 9} | bad
    assert client_for(preparer).post(begin, body).status_code == 404


@pytest.mark.parametrize("bad", ["", "x", "-1", "1e9", "9" * 40])
def test_rubbish_in_numbers_is_answered(client_for, draft, field, preparer, bad):
    client, begin = client_for(preparer), reverse("declaration_uploads", args=[draft.public_id])
    body = {"section": field.section, "field": field.key, "name": NAME}
    assert client.post(begin, body | {"size": bad}).status_code == 422
    way = client.post(begin, body | {"size": 9}).json()
    answer = client.post(f"{way['part']}?offset={bad}", b"x", content_type="application/octet-stream")
    assert answer.status_code in (200, 409, 422)


def test_a_plain_form_still_sends_it_whole(client_for, draft, field, preparer):
    address = reverse("declaration_section", args=[draft.public_id, field.section])
    sent = {"version": "1", "upload": field.key, f"{field.key}-file": io.BytesIO(PDF)}
    sent[f"{field.key}-file"].name = NAME
    page = client_for(preparer).post(address, sent, follow=True)
    assert f"“{NAME}”已上传" in page.text


def test_an_empty_file_is_told_so(draft, field, preparer, client_for):
    body = {"section": field.section, "field": field.key, "name": NAME, "size": 0}
    answer = client_for(preparer).post(reverse("declaration_uploads", args=[draft.public_id]), body)
    assert answer.status_code == 422
    words = answer.json().values()
    assert any("文件是空的" in str(one) for one in words)
    assert not any("MB" in str(one) for one in words)
    assert not Upload.objects.exists()
