import pathlib

from declarations import services
from tests.factories.declarations import advance, extend_deadline, make_declaration, people_of, submit

OUT = pathlib.Path("/tmp/house/declout")


def test_pages(policy, client_for, run_jobs):
    OUT.mkdir(exist_ok=True)
    d = make_declaration(status="draft")
    extend_deadline(d)
    preparer, _, official = people_of(d)
    c = client_for(preparer)
    b = f"/declarations/{d.public_id}/"
    for p in ("/declarations/", b, b + "applicant/", b + "factory/", b + "scenarios/", b + "outcomes/", b + "scenarios/2/", b + "scenarios/2/remove/", b + "check/", b + "submit/"):
        r = c.get(p)
        print(p, r.status_code, len(r.content))
        assert r.status_code == 200
    r = submit(d)
    run_jobs()
    for p in (b, b + "revisions/1/", b + "revisions/1/declaration.pdf", b + "revisions/1/declaration.json", b + "revisions/1/receipt.pdf", b + "revisions/1/job/"):
        r = c.get(p)
        print(p, r.status_code, r.get("Content-Type"))
        assert r.status_code == 200
        if p.endswith(".pdf"):
            (OUT / p.split("/")[-1]).write_bytes(b"".join(r.streaming_content) if r.streaming else r.content)
    advance(d, "take_up")
    advance(d, "return_")
    for p in (b, b + "factory/"):
        assert c.get(p).status_code == 200
    d.refresh_from_db()
    row = d.contents.get(key="factory")
    r = services.save_section(d, "factory", {"summary": "改成新的项目简介。换型时间降到 15 分钟。", "effect": "x"}, version=row.version, actor=preparer)
    print(r)
    submit(d)
    r = c.get(b + "revisions/2/diff/1/")
    assert r.status_code == 200
    r = client_for(official).get(b + "revisions/2/diff/1/")
    assert r.status_code == 200
