"""Names of firms: the printed form, the key they are matched by, their pinyin, and branches."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

_BRACKETS = str.maketrans("〔〕【】[]", "()()()")
_FORMULA_LEADS = "=+-@＝＋－＠"

# Outlets that are no legal person of their own wherever the word stands last.
_BRANCH_ALWAYS = ("分公司", "支公司", "分行", "支行")
# Outlets only when they follow the name of a company: 绍兴某某门市部 alone may well be a firm.
_BRANCH_AFTER_COMPANY = ("营业部", "经营部", "门市部", "办事处", "分社", "店")
# Names of Shaoxing, and words of firm names, whose reading the general dictionary does not know.
_LOCAL_READINGS = {
    "会稽": ("kuài", "jī"),
    "崧厦": ("sōng", "xià"),
    "长塘": ("cháng", "táng"),
    "支行": ("zhī", "háng"),
    "分行": ("fēn", "háng"),
}
_TRAILING_NOTE = re.compile(r"\([^()]*\)$")


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cf", "Cc") and not char.isspace()


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    # a second pass: folding may leave letters that compose again
    folded = unicodedata.normalize("NFKC", folded).translate(_BRACKETS)
    kept = "".join(c for c in folded if not c.isspace() and not _is_invisible(c))
    return kept.lstrip("'")


@lru_cache(maxsize=16384)
def normalise(name: str) -> str:
    """The key by which two spellings of one name meet; never shown, never printed.

    Full and half width, all kinds of brackets, letter case, blanks (also U+3000), invisible signs and
    the apostrophe that a guarded CSV puts first make no difference. Nothing is lost besides these: two
    firms of like short names stay two.
    """
    key = _fold(name)
    while (again := _fold(key)) != key:
        key = again
    return key


def printed(name: str) -> str:
    """The name as it is kept and shown: trimmed, inner blanks made one, spelling and brackets untouched.

    Invisible signs (byte order mark, zero width) go, and so does the apostrophe guarding a name that
    begins like a formula, which an export put there.
    """
    visible = "".join(c for c in name if not _is_invisible(c))
    text = " ".join(visible.split())
    if len(text) > 1 and text[0] == "'" and text[1] in _FORMULA_LEADS:
        return text[1:]
    return text


def is_branch(name: str) -> bool:
    """Whether the name is that of a branch (分公司, 支行, 营业部, …), which cannot hold a rung.

    Goes by the name alone; where a list says 是否分支机构 itself, the list is to be believed.
    Source: 公司法 第十三条 (a branch is no legal person); 国科发政〔2017〕115号 第六条(一).
    """
    key = normalise(name)
    while (shorter := _TRAILING_NOTE.sub("", key)) != key and shorter:
        key = shorter
    if key.endswith(_BRANCH_ALWAYS):
        return True
    return key.endswith(_BRANCH_AFTER_COMPANY) and "公司" in key


def pinyin_initials(name: str) -> str:
    """First letter of each syllable, Latin letters and digits whole: 重庆长安A8 -> "cqcaa8".

    Lower-case a-z0-9; a sign without a known reading is left out.
    """
    return "".join(token if latin else token[0] for token, latin in _tokens(normalise(name)))


def pinyin_key(name: str) -> str:
    """Key that sorts names as a Chinese list does: syllables parted by a blank, which sorts first."""
    return " ".join(token for token, _ in _tokens(normalise(name)))


def suffixes(text: str, width: int = 12) -> tuple[str, ...]:
    """All endings of text, each cut to width characters, once each: rows of the index for "any part of".

    A search for up to width characters is then a search by prefix, which both databases answer by index.
    """
    return tuple(dict.fromkeys(text[start : start + width] for start in range(len(text))))


@lru_cache(maxsize=4096)
def _tokens(key: str) -> tuple[tuple[str, bool], ...]:
    """Syllables and Latin runs of a match key, each with whether it is Latin."""
    tokens: list[tuple[str, bool]] = []
    for part in re.findall(r"[a-z0-9]+|[^\x00-\x7f]+", key):
        if part.isascii():
            tokens.append((part, True))
            continue
        for word in _words_of()(part):
            tokens.extend((syllable, False) for syllable in _syllables(word))
    return tuple(tokens)


@cache
def _words_of() -> Callable[[str], Iterable[str]]:
    """The cutter of text into words; its dictionaries take a third of a second, which only users pay."""
    from pypinyin import load_phrases_dict
    from pypinyin.seg.mmseg import seg

    load_phrases_dict({word: [[s] for s in syllables] for word, syllables in _LOCAL_READINGS.items()})
    cut: Callable[[str], Iterable[str]] = seg.cut
    return cut


@lru_cache(maxsize=65536)
def _syllables(word: str) -> tuple[str, ...]:
    """Toneless syllables of one word; a word fixes the reading of its signs (重庆 chong, not zhong)."""
    from pypinyin import lazy_pinyin

    plain = (unicodedata.normalize("NFD", s) for s in lazy_pinyin(word, errors="ignore"))
    letters = (re.sub(r"[^a-z]", "", s) for s in plain)
    return tuple(s for s in letters if s)
