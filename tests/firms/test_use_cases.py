"""Firms are taken in, changed, archived; each with its audit entry, within the territory."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.database import db
from crm.domain.errors import NotAllowedError, NotFoundError, RefusedError
from crm.firms import queries, tallies, use_cases
from crm.firms.models import Firm, FirmSearchKey, FirmTally
from crm.territories.queries import tree
from tests.factories.firms import make_firm


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
    from crm.database import transaction

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
    assert tree().by_code("330603") is not None
