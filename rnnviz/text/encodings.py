"""Which encoding a file is in, judged by its bytes, and decoding that counts what it could not decode."""

import codecs

import numpy as np

REPLACEMENT = "\ufffd"  # stands for bytes that mean nothing in the encoding

_MARKS = (  # the longer of two that begin alike comes first
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

_NOT_LATIN_1 = bytes(range(0x80, 0xA0))

_SHOWN = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16, little-endian",
    "utf-16-be": "UTF-16, big-endian",
    "utf-32-le": "UTF-32, little-endian",
    "utf-32-be": "UTF-32, big-endian",
    "gb18030": "GB18030 (Chinese)",
    "big5hkscs": "Big5 (Chinese)",
    "cp932": "Shift_JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8-r": "KOI8-R (Cyrillic)",
    "koi8-u": "KOI8-U (Ukrainian)",
    "cp1252": "Windows-1252 (Western European)",
    "latin-1": "Latin-1",
    "cp850": "DOS code page 850 (Western European)",
    "mac-roman": "Mac OS Roman",
    "cp866": "DOS code page 866 (Cyrillic)",
    "iso8859-2": "Latin-2 (Central European)",
    "iso8859-7": "ISO 8859-7 (Greek)",
    "cp874": "Windows-874 (Thai)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
}


def by_mark(head: bytes) -> tuple[str, int]:
    """The encoding that the byte-order mark at the beginning of a file names, and the mark's length.

    ("", 0) if there is no mark.
    """
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec, len(mark)
    return "", 0


_ASCII_AND_NUL = bytes((0, 9, 10, 11, 12, 13, *range(32, 127)))


def by_nuls(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, known by where its NULs stand; "" if it is neither.

    The letters of most scripts and all blanks and line ends have a NUL as their upper half.
    """
    if b"\0" not in head or _is_ascii_with_nuls(head):
        return ""
    for width, codecs_of_width in ((4, ("utf-32-le", "utf-32-be")), (2, ("utf-16-le", "utf-16-be"))):
        for codec in codecs_of_width:
            try:
                text = head[: len(head) // width * width].decode(codec)
            except UnicodeDecodeError as error:
                # A character may be cut by the end of the sample, not anywhere else.
                if error.start < len(head) - 4 or error.start < width:
                    continue
                text = head[: error.start].decode(codec)
            if text and _is_plausible(text):
                return codec
    return ""


def _is_ascii_with_nuls(head: bytes) -> bool:
    """Words with NULs between them: in UTF-16 every other byte of such letters would be a NUL.

    By chance the NULs of such a list may all stand where the upper halves of UTF-16 do, and the pairs of
    letters between them then look like Chinese.
    """
    return not head.translate(None, _ASCII_AND_NUL) and 2 * head.count(0) < len(head) - 1


def _is_plausible(text: str) -> bool:
    """Whether text decoded from UTF-16 or UTF-32 looks like a text: no NULs, blanks here and there, and few
    characters that no one writes."""
    sample = text[:20_000]
    strange = sum(not (c.isprintable() or c in "\t\n\r\f\v" or c.isspace()) for c in sample)
    ordinary = sum(c.isascii() or c == "\u3000" or c == "\u3002" for c in sample)
    return "\0" not in sample and strange * 50 <= len(sample) and ordinary > 0


class Decoder:
    """Decodes a file piece by piece and counts the broken places, each of which becomes U+FFFD."""

    def __init__(self, codec: str) -> None:
        self.codec = codec
        self.n_broken = 0
        self.n_sound = 0  # characters outside ASCII
        self.cut_off = False  # the last bytes were the beginning of a character
        self._decoder = codecs.getincrementaldecoder(codec)("strict")
        self._n_cut = 0  # characters of UTF-8 that the last piece ended in
        self._is_latin_1 = codec == "cp1252"  # until a byte comes that has no letter in Latin-1

    @property
    def shown(self) -> str:
        """The name of the encoding, for people; Windows-1252 without what it adds is Latin-1."""
        return _SHOWN["latin-1" if self._is_latin_1 else self.codec]

    def decode(self, data: bytes, final: bool) -> str:
        """The text of the next bytes; `final` says that none will follow."""
        if self._is_latin_1:
            self._is_latin_1 = len(data.translate(None, _NOT_LATIN_1)) == len(data)
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError:
            return self._decode_broken(data, final)
        if not text.isascii():
            self.n_sound += self._n_sound_in(data, text)
        return text

    def _n_sound_in(self, data: bytes, text: str) -> int:
        """How many characters outside ASCII there are in a text that was decoded without a fault."""
        if self.codec != "utf-8":
            return _n_beyond_ascii(text)
        # Each has one first byte of C0 or more; one that was cut is finished, or will be, in another piece.
        n = int(np.count_nonzero(np.frombuffer(data, np.uint8) >= 0xC0)) + self._n_cut
        self._n_cut = 1 if self._decoder.getstate()[0] else 0
        return n - self._n_cut

    def _decode_broken(self, data: bytes, final: bool) -> str:
        # A strict decoder that fails leaves its state as it was, so the same bytes can be given again.
        self._decoder.errors = "replace"
        if final:
            self.cut_off = self._ends_too_early(data)
        text = self._decoder.decode(data, final)
        self._decoder.errors = "strict"
        n_broken = text.count(REPLACEMENT)
        if self.codec == "utf-8":  # the sign may stand in the text by right
            n_broken = max(1, n_broken - data.count(REPLACEMENT.encode()))
        self.n_broken += n_broken
        self.n_sound += _n_beyond_ascii(text) - n_broken
        return text

    def _ends_too_early(self, data: bytes) -> bool:
        """Whether the bytes would be sound if more followed."""
        state = self._decoder.getstate()
        try:
            self._decoder.errors = "strict"
            self._decoder.decode(data, False)
        except UnicodeDecodeError:
            return False
        else:
            return True
        finally:
            self._decoder.setstate(state)
            self._decoder.errors = "replace"


def _n_beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))
