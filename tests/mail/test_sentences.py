"""Each refusal of this package can be told to a person."""

from __future__ import annotations

from crm.mail.addresses import ADDRESS_PROBLEMS
from crm.mail.sentences import SENTENCES


def test_every_refusal_has_its_sentence() -> None:
    assert set(SENTENCES) == {*ADDRESS_PROBLEMS, "header_line_break"}
    assert not any("%" in str(sentence) for sentence in SENTENCES.values()), "shown without values too"
