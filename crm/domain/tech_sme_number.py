"""What a national technology SME's 登记编号 says: year, district, and when it was submitted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from crm.domain.certification import normalise_number

_NUMBER = re.compile(r"(20\d{2})(\d{6})([0AB])([0-9A-Z])(\d{6})", re.ASCII)


@dataclass(frozen=True)
class TechSmeNumber:
    """A registration number taken apart.

    year: the year it holds for. district: statutory code, to be compared with the firm's, for a warning.
    mark: sign 11; "0" founded earlier and submitted by 31 May, "A" founded earlier and submitted from
    1 June, "B" founded in the year itself. Sign 12 has no meaning that could be read.
    """

    year: int
    district: str
    mark: str
    serial: str

    @property
    def is_founded_that_year(self) -> bool:
        """Whether the firm was founded in the year of the number."""
        return self.mark == "B"

    def settlement_year(self, granted_on: date) -> int | None:
        """The tax year before, if the number served its settlement: submitted by 31 May, held by 30 June.

        None where it came too late or the firm did not exist.
        Source: 国科发火〔2018〕11号.
        """
        served = self.mark == "0" and granted_on <= date(self.year, 6, 30)
        return self.year - 1 if served else None


def read_number(number: str) -> TechSmeNumber | None:
    """The parts of a registration number; None where it has not the usual 18 characters."""
    found = _NUMBER.fullmatch(normalise_number(number))
    return TechSmeNumber(int(found[1]), found[2], found[3], found[5]) if found else None
