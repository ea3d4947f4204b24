"""Submissions in the browser's requests: refuse, write, download, compare."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.database import db
from crm.exports.models import Submission
from tests.factories.certifications import make_certification
from tests.factories.firms import make_firm


def _holder(cast):
    firm = make_firm(cast.officer, name="演示甲有限公司", hnte_field="新材料")
    make_certification(
        cast.officer, firm.id, scheme="hnte", number="GR202333000001", granted_on=date(2023, 12, 8)
    )


def test_write_then_download_as_an_attachment(app, cast, sign_in):
    _holder(cast)
    client = sign_in(cast.city)
    address = "/exports/profiles/hnte_holders?on=2026-11-25"
    assert client.get(address).status_code == 200
    assert client.post(address, data={"purpose": ""}).status_code == 422
    made = client.post(address, data={"purpose": "报省厅"})
    assert made.status_code == 303
    shown = client.get(made.headers["Location"])
    assert "SHA-256" in shown.get_data(as_text=True)
    file = client.get(made.headers["Location"] + "/download")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.data == client.get(made.headers["Location"] + "/download").data
    again = client.post(address, data={"purpose": "再报"}).headers["Location"]
    compared = client.get(f"{again}/compare?with={made.headers['Location'].rsplit('/', 1)[1]}")
    assert compared.status_code == 200


def test_a_viewer_downloads_but_does_not_write(app, cast, sign_in):
    _holder(cast)
    client = sign_in(cast.viewer)
    assert client.get("/exports").status_code == 200
    assert client.post("/exports/profiles/hnte_holders", data={"purpose": "报省厅"}).status_code == 403
    newest = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (newest.action, newest.actor_name) == ("export.refused", "viewer")
    assert newest.after == {"permission": "export_write", "what": "POST /exports/profiles/hnte_holders"}


def test_a_liaison_who_types_the_address_is_refused_and_noted(app, cast, sign_in):
    client = sign_in(cast.liaison)
    assert client.get("/exports/1/download").status_code == 403
    newest = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (newest.action, newest.after["what"]) == ("export.refused", "GET /exports/1/download")


def test_problems_not_ticked_off_make_no_file_and_keep_what_was_typed(app, cast, sign_in):
    firm = make_firm(cast.officer, name="演示无领域有限公司")
    make_certification(cast.officer, firm.id, number="GR202333000009")
    client, address = sign_in(cast.city), "/exports/profiles/hnte_holders?on=2026-11-25"
    page = client.get(address).get_data(as_text=True)
    assert f"/firms/{firm.id}/edit#hnte_field" in page
    refused = client.post(address, data={"purpose": "报省厅"})
    assert refused.status_code == 422
    text = refused.get_data(as_text=True)
    assert "有 1 处问题" in text and 'value="报省厅"' in text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Submission)) == 0
    made = client.post(address, data={"purpose": "报省厅", "problems_seen": "1"})
    shown = client.get(made.headers["Location"]).get_data(as_text=True)
    assert "未填写“技术领域”" in shown and "演示无领域有限公司" in shown


def test_commands_keep_the_contract(app, cast):
    _holder(cast)
    runner = app.test_cli_runner()
    assert '"hnte_holders"' in runner.invoke(args=["exports", "list", "--json"]).stdout
    checked = runner.invoke(args=["exports", "check", "hnte_holders", "--on", "2026-11-25", "--json"])
    assert checked.exit_code == 0 and '"rows": 1' in checked.stdout
    refused = runner.invoke(args=["exports", "check", "nothing", "--json"])
    assert refused.exit_code == 2 and refused.stdout == ""
