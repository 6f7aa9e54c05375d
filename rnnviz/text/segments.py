"""UTF-8 -> segments: places where a word tokenizer certainly ends one token and begins another.

Found for all bytes of a piece together, with NumPy, so that the tokenizer's pattern, which takes its time,
sees every different segment once. Most segments are one token. A segment is cut by the tokenizer like any
text, so a place that is missed here costs time and changes nothing; a place too many would change tokens.
Hence these rules, which the tests hold against the tokenizer:

- Blanks and control characters end a segment.
- A plain sign (ASCII, or one of the frequent signs and characters below) begins a segment, and ends it again
  unless another character outside ASCII follows, which could be a mark that belongs to the sign.
- An apostrophe or hyphen is a letter if one that could be a letter stands on either side, else a plain sign.
- All else holds together.
"""

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.uint8]

_BLANK, _LETTER, _OTHER, _SIGN, _JOINER, _INSIDE = range(6)
_N_KINDS = 6

# The kind of a byte that is a character, or is part of one: what is outside ASCII is _OTHER at first.
_KINDS = np.full(256, _OTHER, np.uint8)
for _code in range(128):
    _c = chr(_code)
    _KINDS[_code] = _BLANK if _code <= 0x20 or _code == 0x7F else _LETTER if _c.isalnum() else _SIGN
_KINDS[[ord("'"), ord("-")]] = _JOINER
_KIND_OF_BYTE = _KINDS.tobytes()

# Signs outside ASCII, by the bytes of UTF-8: none of them can lean on the character before it.
_SIGNS_E2_80 = np.zeros(256, bool)
_SIGNS_E2_80[[sign.encode()[2] for sign in "–—‘“”…"]] = True
_APOSTROPHE = "’".encode()[2]  # E2 80 99
_SIGNS_E3_80 = np.zeros(256, bool)
_SIGNS_E3_80[[sign.encode()[2] for sign in "、。《》「」『』【】"]] = True
_SIGNS_EF_BC = np.zeros(256, bool)
_SIGNS_EF_BC[[sign.encode()[2] for sign in "！（），：；？"]] = True

_BEGINS = np.zeros((_N_KINDS, _N_KINDS), bool)  # [kind before, kind after]: a segment begins between the two
_BEGINS[_BLANK, [_LETTER, _OTHER, _SIGN]] = True
_BEGINS[[_LETTER, _OTHER, _SIGN], _SIGN] = True
_BEGINS[_SIGN, _LETTER] = True
_ENDS = _BEGINS.copy()
_ENDS[_BLANK] = False
_ENDS[[_LETTER, _OTHER, _SIGN], _BLANK] = True
# Both by the number of the pair, 1 for a beginning and 2 for an end: bytes.translate looks 256 KB up in a
# fifth of the time that an array takes, which first makes its bytes indices of 8 bytes each.
_BORDERS = (_BEGINS + 2 * _ENDS).astype(np.uint8).tobytes().ljust(256, b"\0")


def segments(utf8: bytes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the segments of a piece begin and end, in bytes, both (n,)."""
    # A blank on either side spares looking whether there is a neighbour.
    padded = b" " + utf8 + b"  "
    # before[i]: the kind of the character that ends with byte i; after[i]: of the one that begins there.
    before = np.frombuffer(padded.translate(_KIND_OF_BYTE), np.uint8).copy()
    after = before.copy()
    codes = np.frombuffer(padded, np.uint8)
    if not utf8.isascii():
        _mark_signs(codes, before, after)
    _settle_joiners(codes, before, after)
    pairs = before[:-1] * np.uint8(_N_KINDS) + after[1:]
    borders = np.frombuffer(pairs.tobytes().translate(_BORDERS), np.uint8)
    # The blank in front counts: a border after byte i of `padded` is one before byte i of the piece.
    return np.flatnonzero((borders & 1).view(np.bool_)), np.flatnonzero((borders >> 1).view(np.bool_))


def _mark_signs(codes: Flags, before: Flags, after: Flags) -> None:
    """Mark the characters of three bytes that are known to begin a token."""
    places = np.flatnonzero(codes == 0xE2)
    places = places[codes[places + 1] == 0x80]
    third = codes[places + 2]
    _mark(places[_SIGNS_E2_80[third]], _SIGN, before, after)
    _mark(places[third == _APOSTROPHE], _JOINER, before, after)
    # U+4000 to U+9FFF: Chinese characters and a few signs.
    _mark(np.flatnonzero((codes >= 0xE4) & (codes <= 0xE9)), _SIGN, before, after)
    places = np.flatnonzero(codes == 0xE3)
    if len(places):
        second, third = codes[places + 1], codes[places + 2]
        is_voicing_mark = (second == 0x82) & ((third == 0x99) | (third == 0x9A))
        is_kana = (second >= 0x81) & (second <= 0x83) & ~is_voicing_mark
        _mark(places[is_kana | ((second == 0x80) & _SIGNS_E3_80[third])], _SIGN, before, after)
    places = np.flatnonzero(codes == 0xEF)
    if len(places):
        is_sign = (codes[places + 1] == 0xBC) & _SIGNS_EF_BC[codes[places + 2]]
        _mark(places[is_sign], _SIGN, before, after)


def _mark(places: NDArray[np.intp], kind: int, before: Flags, after: Flags) -> None:
    """Make the three bytes from each of `places` on one character of this kind."""
    after[places] = kind
    after[places + 1] = after[places + 2] = _INSIDE
    before[places + 2] = kind


def _settle_joiners(codes: Flags, before: Flags, after: Flags) -> None:
    """Make every apostrophe and hyphen a letter or a sign, by its neighbours."""
    places = np.flatnonzero(after == _JOINER)
    lasts = places + 2 * (codes[places] >= 0x80)
    left, right = before[places - 1], after[lasts + 1]
    is_inner = ((left == _LETTER) | (left == _OTHER)) & ((right == _LETTER) | (right == _OTHER))
    kinds = np.where(is_inner, _LETTER, _SIGN).astype(np.uint8)
    after[places] = kinds
    before[lasts] = kinds
