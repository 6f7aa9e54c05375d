import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnnviz.text import CharacterTokenizer, Tokenizer, WordTokenizer, tokenizer_named

WORDS = WordTokenizer()

# What is hard to cut: joiners, marks, emoji of several characters, scripts without blanks, quotation marks.
HARD = (
    "ab1 .,'’-\"“”()!é\u0301\u200d\u200c\u00ad👨👩❤\ufe0f🇫🇷🇩我爱，。กำ\u0e49ガーﾊﾟ한Aİ\u0308\u20e3"
    "\n\u2028\ufeff\ud800$_@#\u0600\u0903"
)
HARD_TEXTS = st.one_of(st.text(), st.text(st.sampled_from(HARD)), st.text(st.characters()))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Napoleon was the Emperor of France.", "Napoleon was the Emperor of France ."),
        ("don't he’ll 'tis dogs' rock'n'roll", "don't he’ll ' tis dogs ' rock'n'roll"),
        ("a well-known mother-in-law - yes", "a well-known mother-in-law - yes"),
        ("word--word... ?!", "word - - word . . . ? !"),
        ("3.14 and 1,000 x86_64", "3 . 14 and 1 , 000 x86 _ 64"),
        ("(“Ici”), dit-il ; « là »", "( “ Ici ” ) , dit-il ; « là »"),
        ("Наполеон был «императором».", "Наполеон был « императором » ."),
        ("e\u0301te\u0301 ¡हिन्दी!", "e\u0301te\u0301 ¡ हिन्दी !"),
        ("می\u200cخواهم ، עברית", "می\u200cخواهم ، עברית"),
        ("나폴레옹은 황제였다.", "나폴레옹은 황제였다 ."),
        ("我爱China，你呢？", "我 爱 China ， 你 呢 ？"),
        ("ナポレオンは皇帝", "ナ ポ レ オ ン は 皇 帝"),
        ("ที่นี่", "ที่ นี่"),
        ("👨\u200d👩\u200d👧🇫🇷❤\ufe0f!", "👨\u200d👩\u200d👧 🇫🇷 ❤\ufe0f !"),
        ("\u200ba\u200bb\ufeff\u202ec\x00d", "a b c d"),
    ],
)
def test_words_and_signs_are_told_apart(text: str, tokens: str) -> None:
    assert WORDS.split(text) == tokens.split(" ")


@given(HARD_TEXTS)
def test_no_visible_sign_is_lost_and_no_blank_kept(text: str) -> None:
    tokens = WORDS.split(text)
    assert all(token and not any(c.isspace() for c in token) for token in tokens)
    assert [c for c in text if c.isalnum() or c in "!?,.-"] == [
        c for c in "".join(tokens) if c.isalnum() or c in "!?,.-"
    ]


@given(HARD_TEXTS, st.booleans())
@example("\u0600 a", False)
@example("' '' \" a\"b", False)
@example("ΑΣ.ΒΣ", True)
def test_splitting_what_was_joined_gives_the_same_tokens(text: str, lowercase: bool) -> None:
    for tokenizer in (WordTokenizer(lowercase), CharacterTokenizer(lowercase)):
        tokens = tokenizer.split(text)
        assert tokenizer.split(tokenizer.join(tokens)) == tokens


@pytest.mark.parametrize(
    "text",
    [
        "Napoleon was the Emperor of France, wasn't he?",
        'He said: "Who (if not I) is well-known?" Then he left.',
        "“It’s a long way…” he said; nobody’s fault!",
        "¿Dónde está «el baño»?",
        "拿破仑是法国的皇帝。《战争与和平》，好！",
        "Sir -- no: a - b",
        "$5 and 50% of #1",
    ],
)
def test_joined_words_read_like_a_text(text: str) -> None:
    assert WORDS.join(WORDS.split(text)) == text


def test_joined_dashes_and_brackets_read_like_a_text() -> None:
    assert WORDS.join(["a", "-", "-", "b", "(", "c", ")", "."]) == "a -- b (c)."
    assert WORDS.join([]) == ""
    assert WORDS.join([","]) == ","


def test_lowercase_is_applied_when_asked() -> None:
    assert WordTokenizer(lowercase=True).split("Hello ΟΔΟΣ, ÉTÉ") == ["hello", "οδος", ",", "été"]
    assert CharacterTokenizer(lowercase=True).split("Aé\n") == ["a", "é", "\n"]
    assert WORDS.split("Hello") == ["Hello"]


@given(st.text(st.characters()))
def test_characters_are_all_kept(text: str) -> None:
    tokenizer = CharacterTokenizer()
    assert tokenizer.split(text) == list(text)
    assert tokenizer.join(tokenizer.split(text)) == text


@pytest.mark.parametrize(("name", "kind"), [("word", WordTokenizer), ("char", CharacterTokenizer)])
def test_tokenizers_go_by_their_names(name: str, kind: type[Tokenizer]) -> None:
    tokenizer = tokenizer_named(name, lowercase=True)
    assert isinstance(tokenizer, kind)
    assert tokenizer.name == name
    assert tokenizer.lowercase
    with pytest.raises(KeyError):
        tokenizer_named("syllable")
