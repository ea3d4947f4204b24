"""Lists in the browser: settings, preview, write, refused rows mended and dropped again."""

from __future__ import annotations

import csv
import io
import re

import pytest
import sqlalchemy as sa

from crm.database import db
from crm.firms.models import Firm
from crm.imports.models import ImportBatch
from tests.factories.firms import valid_code


def listed(rows, head=("单位名称", "代码", "成立日期", "区县"), encoding="gb18030"):
    out = io.StringIO(newline="")
    csv.writer(out).writerows([head, *rows])
    return out.getvalue().encode(encoding)


def send(client, data, name="演示名单.csv", kind="firms", **more):
    return client.post(
        "/imports",
        data={"kind": kind, "file": (io.BytesIO(data), name), **more},
        content_type="multipart/form-data",
    )


def batch_of(answer):
    assert answer.status_code == 303, answer.get_data(as_text=True)[:800]
    return int(answer.headers["Location"].rpartition("/")[2])


def settings_form(page):
    """What the browser would send back of the settings page."""
    form = {}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        form[name] = chosen[1] if chosen else ""
    return form


def names():
    return sorted(db.session.scalars(sa.select(Firm.name)))


def test_from_the_file_to_the_firms(app, cast, sign_in):
    client = sign_in("city")
    rows = [
        ("演示甲有限公司", valid_code(600_001), "2015年3月5日", "柯桥区"),
        ("演示乙有限公司", valid_code(600_002), "2015-02-31", "诸暨市"),
    ]
    batch_id = batch_of(send(client, listed(rows)))
    page = client.get(f"/imports/{batch_id}").get_data(as_text=True)
    assert "gb18030" in page and "演示甲有限公司" in page
    form = settings_form(page)
    assert (form["column-A"], form["column-B"]) == ("name", "")
    form["column-B"] = "code"
    assert client.post(f"/imports/{batch_id}/settings", data=form).status_code == 303
    preview = client.get(f"/imports/{batch_id}").get_data(as_text=True)
    assert "没有“2015-02-31”这一天" in preview
    assert names() == []
    client.post(f"/imports/{batch_id}/apply")
    assert names() == ["演示甲有限公司"]
    firm = db.session.scalars(sa.select(Firm)).one()
    assert (firm.code, firm.import_id) == (valid_code(600_001), batch_id)

    refused = client.get(f"/imports/{batch_id}/refused").get_data()
    assert refused.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(refused.decode("utf-8-sig"))))
    assert lines[0][-1] == "原因" and [line[0] for line in lines[1:]] == ["演示乙有限公司"]
    mended = refused.decode("utf-8-sig").replace("2015-02-31", "2015-02-28").encode("utf-8-sig")
    again = batch_of(send(client, mended, name="refused.csv", previous=str(batch_id)))
    form = settings_form(client.get(f"/imports/{again}").get_data(as_text=True))
    assert form["column-B"] == "code", "the choice of columns is kept"
    client.post(f"/imports/{again}/settings", data=form)
    client.post(f"/imports/{again}/apply")
    assert names() == ["演示乙有限公司", "演示甲有限公司"]


def test_equal_headings_are_marked_and_must_be_decided(app, cast, sign_in):
    client = sign_in("city")
    data = listed([("演示甲有限公司", "2015-03-05", "2016-03-05")], head=("企业名称", "注册日期", "注册日期"))
    batch_id = batch_of(send(client, data))
    page = client.get(f"/imports/{batch_id}").get_data(as_text=True)
    assert "列名重复" in page
    form = settings_form(page)
    form |= {"column-B": "registered_on", "column-C": "registered_on"}
    answer = client.post(f"/imports/{batch_id}/settings", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "对应了两列" in page
    assert settings_form(page)["column-C"] == "registered_on", "the choice is not lost"
    client.post(f"/imports/{batch_id}/settings", data={**form, "column-C": ""})
    client.post(f"/imports/{batch_id}/apply")
    assert db.session.scalars(sa.select(Firm)).one().registered_on.isoformat() == "2015-03-05"


@pytest.mark.parametrize("name", ["list_pdf_named.xlsx", "list_protected.xlsx", "list_in_archive.zip"])
def test_what_is_no_list_is_named_and_not_kept(app, cast, sign_in, name):
    client = sign_in("city")
    data = (app.config["CRM_ROOT"] / "tests" / "files" / name).read_bytes()
    answer = send(client, data, name=name)
    assert answer.status_code == 422
    assert name in answer.get_data(as_text=True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportBatch)) == 0
    assert not list(app.config["CRM"].upload_dir.iterdir())


def test_somebody_else_wrote_the_firm_between_check_and_write(app, cast, sign_in):
    city, officer = sign_in("city"), sign_in("officer")
    rows = [("演示甲有限公司", valid_code(600_001), "2015-03-05", "柯桥区")]
    ids = []
    for client, day in ((city, "2015-03-05"), (officer, "2016-04-06")):
        data = listed(
            [(rows[0][0], rows[0][1], day, "柯桥区")], head=("企业名称", "信用代码", "成立日期", "区县")
        )
        ids.append(batch_of(send(client, data)))
        form = settings_form(client.get(f"/imports/{ids[-1]}").get_data(as_text=True))
        client.post(f"/imports/{ids[-1]}/settings", data=form)
    city.post(f"/imports/{ids[0]}/apply")
    officer.post(f"/imports/{ids[1]}/apply")
    page = officer.get(f"/imports/{ids[1]}").get_data(as_text=True)
    assert "试运行之后" in page
    assert db.session.scalars(sa.select(Firm)).one().registered_on.isoformat() == "2015-03-05"
    officer.post(f"/imports/{ids[1]}/apply")
    assert (
        db.session.scalars(sa.select(Firm).execution_options(populate_existing=True)).one().registered_on.year
        == 2016
    )


def test_others_look_on_and_strangers_see_nothing(app, cast, sign_in):
    batch_id = batch_of(send(sign_in("officer"), listed([("演示甲有限公司", "", "", "柯桥区")])))
    assert sign_in("stranger").get(f"/imports/{batch_id}").status_code == 404
    assert sign_in("stranger").post(f"/imports/{batch_id}/apply").status_code == 404
    colleague = sign_in("colleague")
    assert colleague.get(f"/imports/{batch_id}").status_code == 200
    colleague.post(f"/imports/{batch_id}/discard")
    assert db.session.get(ImportBatch, batch_id) is not None
    assert sign_in("viewer").get("/imports").status_code == 403
