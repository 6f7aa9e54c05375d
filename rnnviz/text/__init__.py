"""A file becomes token ids: reader -> text file -> tokens -> corpus -> windows (T, B). NumPy, no Qt."""

from rnnviz.text.corpus import Corpus, build_corpus, check_fits
from rnnviz.text.errors import (
    BinaryFile,
    DamagedTask,
    DamagedVectors,
    FileChanged,
    FileUnreadable,
    NoKnownWord,
    NothingToLearn,
    NotVectors,
    ReadingCancelled,
    TextError,
    TextTooShort,
    TruncatedVectors,
    VectorsError,
    WrongWidth,
)
from rnnviz.text.examples import Examples
from rnnviz.text.passage import Passage, suggest_passage
from rnnviz.text.progress import Cancelled, Progress
from rnnviz.text.reader import read_text, shown_name
from rnnviz.text.samples import Sample, sample_at, samples
from rnnviz.text.streams import Streams
from rnnviz.text.tasks import KINDS as TASK_KINDS
from rnnviz.text.tasks import Task, TaskKind, task_of
from rnnviz.text.textfile import TextFile, text_from_string
from rnnviz.text.tokenizers import CharacterTokenizer, Tokenizer, WordTokenizer, tokenizer_named
from rnnviz.text.vocabulary import UNKNOWN, Vocabulary
from rnnviz.text.word_vectors import (
    READING_VECTORS,
    Coverage,
    VectorFormat,
    WordVectors,
    read_vectors,
    vector_format,
)

__all__ = [
    "READING_VECTORS",
    "TASK_KINDS",
    "UNKNOWN",
    "BinaryFile",
    "Cancelled",
    "CharacterTokenizer",
    "Corpus",
    "Coverage",
    "DamagedTask",
    "DamagedVectors",
    "Examples",
    "FileChanged",
    "FileUnreadable",
    "NoKnownWord",
    "NotVectors",
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
    "TruncatedVectors",
    "VectorFormat",
    "VectorsError",
    "Vocabulary",
    "WordTokenizer",
    "WordVectors",
    "WrongWidth",
    "build_corpus",
    "check_fits",
    "read_text",
    "read_vectors",
    "sample_at",
    "samples",
    "shown_name",
    "suggest_passage",
    "task_of",
    "text_from_string",
    "tokenizer_named",
    "vector_format",
]
