"""Submissions in the browser's requests: refuse, write, download, compare."""

from __future__ import annotations

from datetime import date

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


def test_commands_keep_the_contract(app, cast):
    _holder(cast)
    runner = app.test_cli_runner()
    assert '"hnte_holders"' in runner.invoke(args=["exports", "list", "--json"]).stdout
    checked = runner.invoke(args=["exports", "check", "hnte_holders", "--on", "2026-11-25", "--json"])
    assert checked.exit_code == 0 and '"rows": 1' in checked.stdout
    refused = runner.invoke(args=["exports", "check", "nothing", "--json"])
    assert refused.exit_code == 2 and refused.stdout == ""
