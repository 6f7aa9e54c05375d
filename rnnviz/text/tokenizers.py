"""str -> tokens -> str: characters, and words with every sign a token of its own."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import regex


@dataclass(frozen=True)
class Tokenizer(ABC):
    """Cuts a text into tokens and puts tokens together again, for people to read."""

    lowercase: bool = False
    name: ClassVar[str]

    @abstractmethod
    def split(self, text: str) -> list[str]:
        """The tokens of `text`, in order."""

    @abstractmethod
    def join(self, tokens: Sequence[str]) -> str:
        """A text of which these are the tokens: `split(join(split(text))) == split(text)` for every text."""


@dataclass(frozen=True)
class CharacterTokenizer(Tokenizer):
    """Every character (Unicode code point) is a token, blanks, line feeds and control characters included."""

    name: ClassVar[str] = "char"

    def split(self, text: str) -> list[str]:
        """The characters of `text`."""
        return list(text.lower() if self.lowercase else text)

    def join(self, tokens: Sequence[str]) -> str:
        """The characters in a row."""
        return "".join(tokens)


# Scripts that write no blanks between words. U+30FC and U+FF70 lengthen the vowel of either kind of kana.
_UNSPACED = (
    r"[[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}"
    r"\p{Script=Khmer}\p{Script=Myanmar}\u30fc\uff70]--\p{M}]"
)
_LETTER = rf"[[\p{{L}}\p{{N}}\p{{M}}]--{_UNSPACED}]"
# Within a word and no sign: the zero-width joiner and non-joiner, and the soft hyphen, which no one sees.
_LETTERS = rf"{_LETTER}[{_LETTER}\u200c\u200d\u00ad]*"
# Between two letters: apostrophes, hyphens, the Catalan middle dot, the Hebrew geresh and gershayim.
_JOINER = r"['’\-‐‑·׳״]"
_TOKEN = regex.compile(
    rf"{_UNSPACED}\p{{M}}*"
    rf"|{_LETTERS}(?:{_JOINER}{_LETTERS})*"
    # A sign as people see it (\X): an emoji with its skin tone, a flag of two letters, a family of four.
    r"|(?=[^\p{Z}\p{Cc}\p{Cf}])\X",
    regex.V1,
)

_NO_BLANK_BEFORE = frozenset(",.;:!?)]}%”’…»›、。，．；：！？）］｝」』】》〉・ฯๆ")
_NO_BLANK_AFTER = frozenset("([{“‘«‹„‚¿¡#@$£€（［｛「『【《〈")
_PAIRED = frozenset("\"'")  # the same sign opens and closes
_UNSPACED_END = regex.compile(rf"{_UNSPACED}|[[\p{{P}}\p{{S}}]&&[\u3000-\u303f\uff00-\uffef]]", regex.V1)
_LEANS_ON_THE_LAST = regex.compile(r"[\p{M}\p{GCB=Extend}\p{GCB=SpacingMark}]", regex.V1)


@dataclass(frozen=True)
class WordTokenizer(Tokenizer):
    """Words, and every other visible sign as a token of its own; blanks and line ends are no tokens.

    - A word is a run of letters, digits and combining marks of any script. An apostrophe or a hyphen between
      two letters belongs to it: "don't" and "well-known" are one word each, which is how they are read, and
      one time step each. Any other sign ends a word: "3.14" is three tokens, "word--word" is four.
    - Scripts that write no blanks between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) give one token
      a character, with its marks: finding their words takes a dictionary, and what stands between two blanks
      would be a sentence that never comes again.
    - A sign is what people see as one: an emoji joined of several is one token.
    - Control characters and invisible formatting (direction marks, the zero-width space) count as blanks.

    A token never holds a blank, so a text may be split from blank to blank, each part by itself.
    """

    name: ClassVar[str] = "word"

    def split(self, text: str) -> list[str]:
        """The words and signs of `text`."""
        return [
            token for part in (text.lower() if self.lowercase else text).split() for token in self.cut(part)
        ]

    def cut(self, part: str) -> list[str]:
        """The words and signs of a text that has no blanks and is in lowercase already, if it has to be."""
        if part.isascii() and part.isalnum():  # most parts are one plain word
            return [part]
        tokens: list[str] = _TOKEN.findall(part)
        return tokens

    def join(self, tokens: Sequence[str]) -> str:
        """The tokens with blanks where a reader of English, or of a script without blanks, expects them.

        For tokens that come from `split` nothing is lost: splitting the result gives the same tokens.
        """
        parts: list[str] = []
        is_open = dict.fromkeys(_PAIRED, False)
        last, last_opens = "", True
        for token in tokens:
            closes = token in _PAIRED and is_open[token]
            glued = last_opens or closes or token in _NO_BLANK_BEFORE or _belong_together(last, token)
            if parts and not (glued and _LEANS_ON_THE_LAST.match(token) is None):
                parts.append(" ")
            parts.append(token)
            last, last_opens = token, token in _NO_BLANK_AFTER or (token in _PAIRED and not closes)
            if token in _PAIRED:
                is_open[token] = not closes
        return "".join(parts)


def _belong_together(last: str, token: str) -> bool:
    """Two characters of a script without blanks, or two hyphens, which make a dash."""
    if last == token == "-":
        return True
    return bool(last and _UNSPACED_END.match(last[0]) and _UNSPACED_END.match(token[0]))


_TOKENIZERS: dict[str, type[Tokenizer]] = {kind.name: kind for kind in (WordTokenizer, CharacterTokenizer)}


def tokenizer_named(name: str, lowercase: bool = False) -> Tokenizer:
    """The tokenizer called `name`, "word" or "char"; KeyError for any other."""
    return _TOKENIZERS[name](lowercase)


def has_no_blanks(token: str) -> bool:
    """Whether a word begins in a script that writes no blanks between words."""
    return _UNSPACED_END.match(token) is not None
