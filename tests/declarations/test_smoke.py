import time

from declarations import checks, content
from tests.factories.declarations import make_declaration


def test_make(policy):
    d = make_declaration(status="draft")
    desc = content.describe(d.track)
    p = content.payload(d)
    t = time.time()
    for x in checks.run(p, desc):
        print(x.level, x.section, x.field, x.message)
    print(time.time() - t)
    d = make_declaration(status="returned")
    print(d, d.status, d.latest_revision.code)
    print(content.text_of(d.latest_revision.content)[:600])


def test_2025(policy):
    for t in ("2025-excellence", "2025-pioneer", "2025-advanced", "2025-basic"):
        d = make_declaration(status="draft", track=t)
        desc = content.describe(d.track)
        for x in checks.run(content.payload(d), desc):
            print(t, x.level, x.section, x.field, x.message)
