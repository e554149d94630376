from concurrent.futures import ThreadPoolExecutor
from lti_tool.keys import *
from lti_tool.models import ToolKey
from tests.lti_tool.conftest import *

def test_race(database):
    def start(_):
        with database.transaction() as s:
            return signing_key(s)[0]
    with ThreadPoolExecutor(8) as t:
        assert len(set(t.map(start, range(16)))) == 1
    def rot(_):
        with database.transaction() as s:
            rotate(s)
    with ThreadPoolExecutor(8) as t:
        list(t.map(rot, range(8)))
    with database.reading() as s:
        st = [k.status for k in list_keys(s)]
    assert sorted(st) == ["current", "next"] + ["retired"] * 8, st

def test_class(tool, platform, database):
    from dataclasses import replace
    from lti_tool.admission import admit
    launches = [tool.launch(platform, sub=str(i), TOOL_PLATFORM={"product_family_code": "moodle"}) for i in range(100)]
    launches = [replace(l, line_item_url="https://x.example/1", context_id="" if i % 2 else "5") for i, l in enumerate(launches)]
    def enter(l):
        with database.transaction() as s:
            return admit(s, l, course_id="c", item_id="i").placement.id
    with ThreadPoolExecutor(20) as t:
        assert len(set(t.map(enter, launches))) == 2
