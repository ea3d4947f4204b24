"""Where a search hit stands in a text as it is printed."""

from __future__ import annotations

from crm.domain import firm_name


def hit_span(text: str, wanted: str) -> tuple[int, int] | None:
    """Place (start, end) of a normalised query in the printed text, which may be spelt in another width."""
    folded, origins = [], []
    for place, char in enumerate(text):
        for part in firm_name.normalise(char):
            folded.append(part)
            origins.append(place)
    start = "".join(folded).find(wanted)
    if start < 0 or not wanted:
        return None
    return origins[start], origins[start + len(wanted) - 1] + 1


def initials_span(name: str, wanted: str) -> tuple[int, int] | None:
    """Place of the signs whose pinyin initials were asked for; None where they cannot be told."""
    initials = firm_name.pinyin_initials(name)
    # A sign stands for one initial, a Latin letter or digit for itself; signs without a reading for nothing.
    places = [place for place, char in enumerate(name) if firm_name.pinyin_initials(char)]
    start = initials.find(wanted)
    if start < 0 or not wanted or len(places) != len(initials):
        return None
    return places[start], places[start + len(wanted) - 1] + 1


def parts(text: str, spans: list[tuple[int, int] | None]) -> tuple[tuple[str, bool], ...]:
    """The text cut into pieces, each with whether it is a hit."""
    marked = [False] * len(text)
    for span in spans:
        if span:
            marked[span[0] : span[1]] = [True] * (span[1] - span[0])
    pieces: list[tuple[str, bool]] = []
    for char, hit in zip(text, marked, strict=True):
        if pieces and pieces[-1][1] == hit:
            pieces[-1] = (pieces[-1][0] + char, hit)
        else:
            pieces.append((char, hit))
    return tuple(pieces)
