"""Pretrained word vectors: GloVe's text format, word2vec's text and binary formats, told apart by content."""

from rnnviz.text.word_vectors.formats import VectorFormat
from rnnviz.text.word_vectors.found import Coverage, WordVectors
from rnnviz.text.word_vectors.reading import READING_VECTORS, read_vectors, vector_format

__all__ = ["READING_VECTORS", "Coverage", "VectorFormat", "WordVectors", "read_vectors", "vector_format"]
