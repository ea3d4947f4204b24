"""Record, renew, correct, revoke: what follows for chain, rung, search and deadlines."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.certifications import use_cases
from crm.certifications.grant_input import GrantInput
from crm.certifications.models import Certification
from crm.certifications.queries import certificates, grants_of
from crm.database import db
from crm.deadlines.models import Deadline
from crm.domain.errors import ChangedMeanwhileError, NotAllowedError, NotFoundError, RefusedError
from crm.firms.models import NO_DEADLINE, Firm, FirmSearchKey
from crm.web.sentences import known_reasons
from tests.factories.certifications import hnte_number, make_certification
from tests.factories.firms import make_firm
from tests.factories.people import Cast

TODAY = date(2026, 11, 25)
pytestmark = pytest.mark.both_databases


def grant(**values: object) -> GrantInput:
    return GrantInput(
        **{"scheme": "hnte", "granted_on": date(2023, 12, 8), "number": "GR202333009012", **values}
    )  # type: ignore[arg-type]


def open_deadlines(firm_id: int) -> dict[tuple[str, str], date]:
    rows = db.session.scalars(
        sa.select(Deadline).where(Deadline.firm_id == firm_id, Deadline.state == "open")
        .execution_options(populate_existing=True)
    )  # fmt: skip
    return {(row.kind, row.period): row.due_on for row in rows}


def test_recording_a_certificate_sets_rung_validity_search_and_deadlines(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    outcome = use_cases.record_certification(
        cast.officer, firm.id, grant(number="ｇｒ202333009012 "), today=TODAY
    )
    row = db.session.get_one(Certification, outcome.certification_id)
    assert (row.valid_from, row.valid_to) == (date(2023, 12, 8), date(2026, 12, 8))
    assert row.number_normal == "GR202333009012"
    kept = db.session.get_one(Firm, firm.id)
    assert kept.rung == 2
    assert (kept.due_order, kept.next_due_kind) == (date(2026, 12, 8), "certificate_expiry")
    assert open_deadlines(firm.id) == {
        ("certificate_expiry", ""): date(2026, 12, 8),
        ("hnte_annual_report", "2027"): date(2027, 5, 31),
    }
    found = db.session.scalar(
        sa.select(sa.func.count()).where(
            FirmSearchKey.kind == "certificate", FirmSearchKey.source_id == row.id
        )
    )
    assert found
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "certification.record")).one()
    assert entry.firm_id == firm.id
    assert entry.after["number"] == row.number and entry.after["valid_to"] == "2026-12-08"


def test_a_branch_holds_no_rung_but_may_hold_a_side_recognition(cast: Cast) -> None:
    branch = make_firm(cast.officer, name="演示科技有限公司柯桥分公司")
    with pytest.raises(RefusedError) as refused:
        use_cases.record_certification(cast.officer, branch.id, grant(), today=TODAY)
    assert refused.value.reason == "branch_cannot_hold_rung"
    use_cases.record_certification(
        cast.officer, branch.id, grant(scheme="technology_centre_zhejiang", number=None), today=TODAY
    )
    assert db.session.get_one(Firm, branch.id).rung == 0


def test_a_taken_number_names_its_holder_only_within_the_territory(cast: Cast) -> None:
    holder, other = make_firm(cast.officer, name="演示持证有限公司"), make_firm(cast.officer)
    far = make_firm(cast.stranger, district="330681")
    make_certification(cast.officer, holder.id, number="GR202333009012")
    with pytest.raises(RefusedError) as near:
        use_cases.record_certification(cast.officer, other.id, grant(), today=TODAY)
    assert (near.value.reason, near.value.values["holder"]) == ("number_taken", "演示持证有限公司")
    with pytest.raises(RefusedError) as away:
        use_cases.record_certification(cast.stranger, far.id, grant(), today=TODAY)
    assert away.value.reason == "number_taken_elsewhere" and "holder" not in away.value.values
    with pytest.raises(RefusedError) as again:
        use_cases.record_certification(cast.officer, holder.id, grant(), today=TODAY)
    assert again.value.reason == "number_recorded"


def test_renewal_supersedes_the_former_and_stops_its_deadlines(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    old = make_certification(cast.officer, firm.id, granted_on=date(2023, 12, 8))
    new = use_cases.renew(
        cast.officer, old.id, grant(number=hnte_number(2026), granted_on=date(2026, 11, 20)), today=TODAY
    )
    later = db.session.get_one(Certification, new.certification_id)
    assert later.renews_id == old.id
    assert certificates(cast.officer, firm.id, TODAY)[1].state == "superseded"
    states = {
        row.kind: row.state
        for row in db.session.scalars(sa.select(Deadline).where(Deadline.source_id == old.id)).all()
    }
    assert states["certificate_expiry"] == "closed"
    expected = {("certificate_expiry", ""): date(2029, 11, 20), ("hnte_reapplication", ""): date(2029, 8, 31)}
    expected |= {("hnte_annual_report", str(y)): date(y, 5, 31) for y in (2027, 2028, 2029, 2030)}
    assert open_deadlines(firm.id) == expected
    with pytest.raises(RefusedError) as twice:
        use_cases.renew(cast.officer, old.id, grant(granted_on=date(2026, 11, 24)), today=TODAY)
    assert twice.value.reason == "renewal_done"


def test_certificates_recorded_in_any_order_form_one_chain(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    last = make_certification(cast.officer, firm.id, granted_on=date(2023, 12, 8))
    first = make_certification(cast.officer, firm.id, granted_on=date(2017, 11, 13))
    middle = make_certification(cast.officer, firm.id, granted_on=date(2020, 12, 1))
    assert db.session.get_one(Certification, last.id).renews_id == middle.id
    assert db.session.get_one(Certification, middle.id).renews_id == first.id


def test_a_recognition_years_after_expiry_is_a_new_start(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    make_certification(cast.officer, firm.id, granted_on=date(2015, 9, 1), number=None)
    new = make_certification(cast.officer, firm.id, granted_on=date(2023, 12, 8))
    assert new.renews_id is None
    assert certificates(cast.officer, firm.id, TODAY)[1].state == "expired"


def test_revoking_lowers_the_rung_and_closes_what_was_due(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    row = make_certification(cast.officer, firm.id)
    use_cases.revoke(
        cast.officer, row.id, from_=date(2026, 1, 1), reason="浙高企认〔2026〕1号", version=1, today=TODAY
    )
    kept = db.session.get_one(Firm, firm.id)
    assert (kept.rung, kept.due_order) == (0, NO_DEADLINE)
    assert open_deadlines(firm.id) == {}
    version = db.session.get_one(Certification, row.id).version
    use_cases.restore(cast.officer, row.id, version=version, today=TODAY)
    assert db.session.get_one(Firm, firm.id).rung == 2
    assert ("certificate_expiry", "") in open_deadlines(firm.id)
    actions = set(db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.firm_id == firm.id)))
    assert {"certification.revoke", "certification.restore", "deadline.close", "deadline.reopen"} <= actions


def test_correcting_a_date_moves_the_deadline_with_a_trace(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    row = make_certification(cast.officer, firm.id, number="GR202333009012")
    wrong = db.session.scalars(sa.select(Deadline).where(Deadline.kind == "certificate_expiry")).one()
    use_cases.correct(cast.officer, row.id, grant(granted_on=date(2023, 12, 18)), version=1, today=TODAY)
    moved = db.session.get_one(Deadline, wrong.id, populate_existing=True)
    assert (moved.due_on, moved.moved_from) == (date(2026, 12, 18), date(2026, 12, 8))
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "deadline.move")).one()
    assert (entry.before["due_on"], entry.after["due_on"]) == ("2026-12-08", "2026-12-18")
    with pytest.raises(ChangedMeanwhileError):
        use_cases.correct(cast.officer, row.id, grant(), version=1, today=TODAY)


def test_a_corrected_number_is_found_and_the_old_one_no_more(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    row = make_certification(cast.officer, firm.id, number="GR202333009012")
    use_cases.correct(cast.officer, row.id, grant(number="GR202333009013"), version=1, today=TODAY)
    keys = db.session.scalars(
        sa.select(FirmSearchKey.suffix).where(
            FirmSearchKey.source_id == row.id, FirmSearchKey.kind == "certificate"
        )
    ).all()
    assert any(key.endswith("09013") for key in keys) and not any(key.endswith("09012") for key in keys)


def test_technology_sme_number_ends_with_its_year(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    outcome = use_cases.record_certification(
        cast.officer,
        firm.id,
        grant(
            scheme="tech_sme_national",
            number="2026330603A8004127",
            granted_on=date(2026, 6, 5),
            valid_to=date(2027, 3, 31),
        ),
        today=TODAY,
    )
    row = db.session.get_one(Certification, outcome.certification_id)
    assert (row.valid_to, row.update_due) == (date(2026, 12, 31), date(2027, 3, 31))
    assert [warning.reason for warning in outcome.warnings] == ["valid_to_is_update_due"]
    assert open_deadlines(firm.id) == {("sme_update", ""): date(2027, 3, 31)}


def test_an_odd_number_is_kept_and_warned_of(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    outcome = use_cases.record_certification(cast.officer, firm.id, grant(number="浙高 12"), today=TODAY)
    assert [warning.reason for warning in outcome.warnings] == ["number_format"]
    assert {w.reason for w in outcome.warnings} <= known_reasons()


def test_who_may_and_where(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    row = make_certification(cast.officer, firm.id)
    for nobody in (cast.viewer, cast.liaison, cast.administrator, cast.auditor):
        with pytest.raises(NotAllowedError):
            use_cases.record_certification(nobody, firm.id, grant(), today=TODAY)
    with pytest.raises(NotFoundError):
        use_cases.record_certification(cast.stranger, firm.id, grant(), today=TODAY)
    with pytest.raises(NotFoundError):
        use_cases.revoke(cast.stranger, row.id, from_=TODAY, reason="x", version=1)
    assert len(grants_of([firm.id])[firm.id]) == 1


def test_a_refusal_writes_nothing(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    with pytest.raises(RefusedError):
        use_cases.record_certification(cast.officer, firm.id, grant(valid_to=date(2020, 1, 1)), today=TODAY)
    assert grants_of([firm.id]) == {firm.id: []}
    assert (
        db.session.scalar(sa.select(AuditEntry.id).where(AuditEntry.subject_type == "certification")) is None
    )


def test_a_list_takes_the_good_rows_and_says_what_is_wrong_with_the_others(cast: Cast) -> None:
    first, second = make_firm(cast.officer), make_firm(cast.officer)
    far = make_firm(cast.stranger, district="330681")
    rows = [
        grant(firm_id=first.id, number="GR202333000001"),
        grant(firm_id=second.id, number="GR202333000001"),
        grant(firm_id=second.id, number="GR202333000002", granted_on=date(2023, 12, 8)),
        grant(firm_id=second.id, number="GR202333000002", granted_on=date(2023, 12, 28)),
        grant(firm_id=far.id, number="GR202333000003"),
        grant(firm_id=first.id, number="GR202333000001"),
    ]
    outcomes = use_cases.record_many(cast.officer, rows, import_id=7, today=TODAY)
    assert [o.state for o in outcomes] == ["new", "refused", "refused", "refused", "refused", "same"]
    assert [getattr(o.problem, "reason", None) for o in outcomes[1:5]] == [
        "number_taken", "grant_dates_differ", "grant_dates_differ", "firm_not_found",
    ]  # fmt: skip
    again = use_cases.record_many(cast.officer, rows[:1], import_id=8, today=TODAY)
    assert [o.state for o in again] == ["same"]
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "certification.record")).one()
    assert entry.batch == "import:7"


def test_a_list_with_the_notices_date_does_not_move_the_certificates_date(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    row = make_certification(cast.officer, firm.id, number="GR202333000001", granted_on=date(2023, 12, 8))
    later = grant(
        firm_id=firm.id, number="GR202333000001", granted_on=date(2023, 12, 28), cohort="2023 第一批"
    )
    outcome = use_cases.record_many(cast.officer, [later], import_id=1, today=TODAY)[0]
    assert (outcome.state, outcome.after) == ("changed", {"cohort": "2023 第一批"})
    assert [w.reason for w in outcome.warnings] == ["granted_on_conflict"]
    earlier = grant(firm_id=firm.id, number="GR202333000001", granted_on=date(2023, 12, 1))
    outcome = use_cases.record_many(cast.officer, [earlier], import_id=2, today=TODAY)[0]
    assert outcome.state == "changed" and outcome.before["granted_on"] == date(2023, 12, 8)
    assert db.session.get_one(Certification, row.id).valid_to == date(2026, 12, 1)


def test_rungs_change_by_themselves_when_a_certificate_ends(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    make_certification(cast.officer, firm.id)
    assert use_cases.refresh_rungs(date(2026, 12, 8)) == 0
    assert use_cases.refresh_rungs(date(2026, 12, 9)) == 1
    assert db.session.get_one(Firm, firm.id).rung == 0
