"""A file becomes token ids: reader -> text file -> tokens -> corpus -> windows (T, B). NumPy, no Qt."""

from rnnviz.text.corpus import Corpus, build_corpus, check_fits
from rnnviz.text.errors import (
    BinaryFile,
    DamagedTask,
    FileChanged,
    FileUnreadable,
    NothingToLearn,
    ReadingCancelled,
    TextError,
    TextTooShort,
)
from rnnviz.text.examples import Examples
from rnnviz.text.passage import Passage, suggest_passage
from rnnviz.text.progress import Cancelled, Progress
from rnnviz.text.reader import read_text
from rnnviz.text.samples import Sample, sample_at, samples
from rnnviz.text.streams import Streams
from rnnviz.text.tasks import KINDS as TASK_KINDS
from rnnviz.text.tasks import Task, TaskKind, task_of
from rnnviz.text.textfile import TextFile, text_from_string
from rnnviz.text.tokenizers import CharacterTokenizer, Tokenizer, WordTokenizer, tokenizer_named
from rnnviz.text.vocabulary import UNKNOWN, Vocabulary

__all__ = [
    "TASK_KINDS",
    "UNKNOWN",
    "BinaryFile",
    "Cancelled",
    "CharacterTokenizer",
    "Corpus",
    "DamagedTask",
    "Examples",
    "FileChanged",
    "FileUnreadable",
    "NothingToLearn",
    "Passage",
    "Progress",
    "ReadingCancelled",
    "Sample",
    "Streams",
    "Task",
    "TaskKind",
    "TextError",
    "TextFile",
    "TextTooShort",
    "Tokenizer",
    "Vocabulary",
    "WordTokenizer",
    "build_corpus",
    "check_fits",
    "read_text",
    "sample_at",
    "samples",
    "suggest_passage",
    "task_of",
    "text_from_string",
    "tokenizer_named",
]
