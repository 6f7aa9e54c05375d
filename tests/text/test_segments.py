import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.text import WordTokenizer
from rnnviz.text.segments import segments

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.sampled_from("ab1 .'’-—“é\u0301我が、！한\u3000\x01\n")),
)


def cut(text: str) -> list[str]:
    utf8 = text.encode()
    starts, ends = segments(utf8)
    return [utf8[a:b].decode() for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Well, don't--stop!", "Well , don't - - stop !"),
        ("“It’s” é’é — l'été…", "“ It’s ” é’é — l'été …"),
        ("我爱China，你。", "我 爱 China ， 你 。"),
        ("!\u0301a .é", "!\u0301a .é"),  # a mark belongs to the sign: left to the tokenizer
        ("a\x00b\tc", "a b c"),
        (" ", ""),
        ("", ""),
    ],
)
def test_text_is_cut_where_a_token_certainly_begins(text: str, expected: str) -> None:
    assert cut(text) == expected.split()


@given(TEXTS)
def test_no_token_crosses_a_cut_and_plain_segments_are_one_token(text: str) -> None:
    tokenizer = WordTokenizer()
    found = [tokenizer.cut(segment) for segment in cut(text)]
    assert [token for tokens in found for token in tokens] == tokenizer.split(text)
    assert all(
        len(tokens) == 1 for tokens, segment in zip(found, cut(text), strict=True) if segment.isascii()
    )
