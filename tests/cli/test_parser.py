import pytest

from rnnviz.cli.errors import UsageError
from rnnviz.cli.parser import VerbParser, real_number, whole_number


@pytest.fixture
def parser() -> VerbParser:
    parser = VerbParser("train", "FILE [--steps N]", "Learn.")
    parser.add_argument("file", metavar="FILE")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--steps", type=whole_number(0))
    group.add_argument("--epochs", type=whole_number(0))
    parser.add_argument("--hidden")
    parser.add_argument("--share", type=real_number(0, 1))
    return parser


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["x", "--hiden", "5"], "here; did you mean --hidden? `"),
        (["--hiden=5", "x"], "there is no option --hiden here"),
        (["x", "--zzz"], "there is no option --zzz here. `rnnviz train --help`"),
        (["x", "-q"], "there is no option -q here"),
        ([], "FILE is missing: rnnviz train FILE"),
        (["x", "--steps"], "--steps needs a value"),
        (["x", "--steps", "many"], "--steps: 'many' is not a whole number"),
        (["x", "--steps", "-1"], "--steps: -1 is not a whole number from 0"),
        (["x", "--steps", "1", "--epochs", "1"], "choose one"),
        (["x", "--share", "nan"], "--share: nan is not a number from 0 to 1"),
        (["x", "y z"], "'y z' is one argument too many"),
        (["x", "--step", "1"], "did you mean --steps"),
    ],
)
def test_what_is_wrong_is_one_line_with_a_remedy(parser: VerbParser, argv: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parser.parse(argv)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_negative_number_is_a_value_and_no_option(parser: VerbParser) -> None:
    assert parser.parse(["x", "--hidden", "-5"]).hidden == "-5"


def test_a_passage_may_begin_with_a_dash(parser: VerbParser) -> None:
    assert parser.parse(["- said he", "--steps", "3"]).file == "- said he"


def test_what_follows_two_dashes_is_no_option(parser: VerbParser) -> None:
    assert parser.parse(["--steps", "3", "--", "--hiden"]).file == "--hiden"
