"""Firms are taken in, changed, archived; each with its audit entry, within the territory."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.database import db, transaction
from crm.domain.errors import ChangedMeanwhileError, NotAllowedError, NotFoundError, RefusedError
from crm.firms import queries, searching, tallies, use_cases
from crm.firms.filters import Filters
from crm.firms.models import Firm, FirmSearchKey, FirmTally
from crm.territories.queries import tree
from crm.territories.use_cases import ensure_township
from tests.factories.firms import make_firm

TODAY = date(2026, 3, 2)


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == action)))


@pytest.mark.both_databases
def test_a_new_firm_is_counted_found_and_audited(cast):
    firm = make_firm(cast.officer, name="绍兴演示（柯桥）轴承有限公司")
    assert queries.firm_for(cast.colleague, firm.id).id == firm.id
    assert db.session.scalar(sa.select(sa.func.sum(FirmTally.n))) == 1
    kinds = set(db.session.scalars(sa.select(FirmSearchKey.kind).where(FirmSearchKey.firm_id == firm.id)))
    assert kinds == {"name", "initials", "code"}
    (entry,) = entries("firm.create")
    assert entry.firm_id == firm.id and entry.after["name"] == "绍兴演示（柯桥）轴承有限公司"
    header = queries.firm_header(cast.officer, firm.id)
    assert header.district == "柯桥区" and header.counts["deadlines"] == 0 and header.plan is None


def test_a_stranger_finds_nothing(cast):
    firm = make_firm(cast.officer)
    for read in (queries.firm_for, queries.firm_header):
        with pytest.raises(NotFoundError):
            read(cast.stranger, firm.id)


def test_a_viewer_may_not_create(cast):
    with pytest.raises(NotAllowedError):
        make_firm(cast.viewer)


def test_a_firm_is_placed_in_the_own_territory_only(cast):
    with pytest.raises(RefusedError, match="place_elsewhere"):
        make_firm(cast.officer, district="330681")
    with pytest.raises(RefusedError, match="township_elsewhere"):
        make_firm(cast.city, district="330681", township="330603T01")


def test_a_taken_code_names_the_firm_only_to_who_may_see_it(cast):
    firm = make_firm(cast.officer)
    with pytest.raises(RefusedError) as seen:
        make_firm(cast.colleague, code=firm.code)
    assert seen.value.reason == "code_taken" and seen.value.values["firm_id"] == firm.id
    with pytest.raises(RefusedError) as unseen:
        make_firm(cast.stranger, code=firm.code, district="330681")
    assert unseen.value.reason == "code_taken_elsewhere" and not unseen.value.values


def test_a_failing_code_is_flagged_and_a_missing_one_allowed(cast):
    assert make_firm(cast.officer, code="91330600774398999G").code_problem == "check_character"
    bare = make_firm(cast.officer, code=None)
    assert bare.code is None and bare.code_problem is None
    with pytest.raises(RefusedError, match="name_taken"):
        make_firm(cast.officer, code=None, name=bare.name)


def test_a_branch_is_told_by_its_name(cast):
    assert make_firm(cast.officer, name="绍兴演示建筑有限公司诸暨分公司").is_branch
    assert not make_firm(cast.officer, name="绍兴演示建筑有限公司诸暨第二分公司", is_branch=False).is_branch


@pytest.mark.both_databases
def test_rungs_move_the_counts_and_leave_the_version(cast):
    firm = make_firm(cast.officer)
    version = firm.version
    assert use_cases.set_rung({firm.id: 2}) == 1
    assert use_cases.set_rung({firm.id: 2}) == 0
    firm = db.session.get(Firm, firm.id)
    assert (firm.rung, firm.version) == (2, version)
    by_rung = dict(
        db.session.execute(sa.select(FirmTally.rung, sa.func.sum(FirmTally.n)).group_by(FirmTally.rung)).all()
    )
    assert by_rung == {0: 0, 2: 1}


@pytest.mark.both_databases
def test_counts_are_merged_and_mended(cast):
    firms = [make_firm(cast.officer) for _ in range(3)]
    use_cases.set_rung({firm.id: 1 for firm in firms})
    with transaction():
        tallies.merge()
        assert tallies.mend() == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FirmTally)) == 1
    with transaction():
        db.session.execute(sa.update(FirmTally).values(n=7))
        assert tallies.mend() == 4
    assert db.session.scalar(sa.select(sa.func.sum(FirmTally.n))) == 3


def test_certificate_numbers_come_and_go(cast):
    firm = make_firm(cast.officer)
    use_cases.add_search_keys(firm.id, "certificate", "GR202133004862", 5)
    found = sa.select(FirmSearchKey).where(FirmSearchKey.suffix == "gr202133004862")
    assert db.session.scalar(found).source_id == 5
    use_cases.remove_search_keys("certificate", 5)
    assert db.session.scalar(found) is None


def test_a_rename_keeps_the_old_name_with_its_day(cast):
    firm = make_firm(cast.officer, name="绍兴演示旧名有限公司")
    use_cases.edit_firm(
        cast.officer,
        firm.id,
        version=firm.version,
        values={"name": "绍兴演示新名有限公司"},
        renamed_on=date(2026, 3, 1),
    )
    (former,) = queries.former_names_of(firm.id)
    assert (former.name, former.until) == ("绍兴演示旧名有限公司", date(2026, 3, 1))
    assert [hit.hit.kind for hit in searching.find(cast.officer, "旧名").firms] == ["former"]
    (entry,) = entries("firm.rename")
    assert entry.before == {"name": "绍兴演示旧名有限公司"} and entry.after == {
        "name": "绍兴演示新名有限公司"
    }


def test_a_corrected_slip_leaves_no_former_name(cast):
    firm = make_firm(cast.officer, name="绍兴演示错自有限公司")
    values = {"name": "绍兴演示错字有限公司"}
    use_cases.edit_firm(cast.officer, firm.id, version=firm.version, values=values, is_correction=True)
    assert queries.former_names_of(firm.id) == []
    assert searching.find(cast.officer, "错自").total == 0


@pytest.mark.both_databases
def test_the_second_saver_is_told_what_the_first_one_changed(cast):
    firm = make_firm(cast.officer)
    version = firm.version
    seen = {"industry": None, "note": None}
    use_cases.edit_firm(cast.officer, firm.id, version=version, values={"industry": "轴承"})
    with pytest.raises(ChangedMeanwhileError) as told:
        use_cases.edit_firm(cast.colleague, firm.id, version=version, values={"note": "已走访"}, seen=seen)
    assert told.value.changed == {"industry": (None, "轴承")}
    assert db.session.get(Firm, firm.id).note is None


def test_an_edit_that_changes_nothing_leaves_no_trace(cast):
    firm = make_firm(cast.officer)
    use_cases.edit_firm(cast.officer, firm.id, version=firm.version, values={"name": firm.name})
    assert entries("firm.update") == [] and firm.version == 1


def test_archiving_moves_the_counts_and_asks_for_a_reason(cast):
    firm = make_firm(cast.officer)
    with pytest.raises(RefusedError, match="required"):
        use_cases.archive_firm(cast.officer, firm.id, reason=" ")
    use_cases.archive_firm(cast.officer, firm.id, reason="已注销")
    in_list = sa.select(sa.func.sum(FirmTally.n)).where(FirmTally.is_archived.is_(False))
    assert db.session.scalar(in_list) == 0
    with pytest.raises(RefusedError, match="firm_archived"):
        use_cases.edit_firm(cast.officer, firm.id, version=firm.version, values={"note": "x"})
    use_cases.restore_firm(cast.officer, firm.id, reason="误操作")
    assert db.session.scalar(in_list) == 1
    assert [entry.after["reason"] for entry in (*entries("firm.archive"), *entries("firm.restore"))] == [
        "已注销",
        "误操作",
    ]


@pytest.mark.both_databases
def test_a_bulk_assignment_says_what_changed_and_what_was_refused(cast):
    own = [make_firm(cast.city) for _ in range(3)]
    foreign = make_firm(cast.city, district="330681")
    use_cases.archive_firm(cast.city, own[2].id, reason="已注销")
    ids = [firm.id for firm in (*own, foreign)]
    result = use_cases.assign_owner(
        cast.city, owner_id=cast.officer.user_id, firm_ids=[*ids, 999_999], today=TODAY
    )
    assert (result.changed, result.same) == (2, 0)
    assert result.refused == {"firm_archived": 1, "owner_elsewhere": 1, "firm_not_found": 1}
    assert foreign.name in result.refused_firms
    again = use_cases.assign_owner(cast.city, owner_id=cast.officer.user_id, firm_ids=ids[:2], today=TODAY)
    assert (again.changed, again.same) == (0, 2)
    assert {entry.firm_id for entry in entries("firm.assign")} == set(ids[:2])
    mine = sa.select(sa.func.sum(FirmTally.n)).where(FirmTally.owner_id == cast.officer.user_id)
    assert db.session.scalar(mine) == 2


def test_a_whole_list_is_assigned_across_pages(cast):
    for _ in range(7):
        make_firm(cast.officer)
    other = make_firm(cast.city, district="330681")
    result = use_cases.assign_owner(
        cast.officer, owner_id=cast.officer.user_id, filters=Filters(owner="none"), today=TODAY
    )
    assert result.changed == 7
    assert db.session.get(Firm, other.id).owner_id is None


def test_a_stranger_assigns_nothing_of_ours(cast):
    firm = make_firm(cast.officer)
    result = use_cases.assign_owner(
        cast.stranger, owner_id=cast.stranger.user_id, firm_ids=[firm.id], today=TODAY
    )
    assert (result.changed, result.refused) == (0, {"firm_not_found": 1})


def test_a_contact_is_masked_in_the_audit_and_its_reveal_recorded(cast):
    firm = make_firm(cast.officer)
    contact = use_cases.add_contact(
        cast.officer, firm.id, name="演示", phone="138 0000 1234", email="yanshi@example.cn"
    )
    assert contact.is_primary
    (added,) = entries("contact.add")
    assert "0000" not in str(added.after) and "yanshi" not in str(added.after)
    use_cases.edit_contact(cast.officer, contact.id, name="演示人")
    assert contact.email == "yanshi@example.cn"
    use_cases.reveal_contact(cast.officer, contact.id)
    assert entries("contact.reveal")[0].firm_id == firm.id
    with pytest.raises(NotAllowedError):
        use_cases.reveal_contact(cast.viewer, contact.id)
    with pytest.raises(NotFoundError):
        use_cases.reveal_contact(cast.stranger, contact.id)
    with pytest.raises(RefusedError, match="address_"):
        use_cases.edit_contact(cast.officer, contact.id, name="演示人", email="无效地址")
    assert use_cases.remove_contact(cast.officer, contact.id) == firm.id


def test_a_township_of_a_list_is_found_or_added(cast):
    county = tree().by_code("330603")
    assert county is not None
    known = ensure_township(cast.officer, county.id, "安昌街道")
    assert known.code == "330603T01"
    new = ensure_township(cast.officer, county.id, " 演示镇 ")
    assert (new.code, new.path.startswith(county.path)) == ("330603T02", True)
    assert ensure_township(cast.officer, county.id, "演示镇").id == new.id
    with pytest.raises(NotFoundError):
        ensure_township(cast.stranger, county.id, "演示二镇")
