# ruff: noqa: N818 - the names say what is wrong, and read so in an except clause
"""What can be wrong with a text: each error says what is the matter and what to do about it."""


class TextError(Exception):
    """A text cannot be used. `str(error)` is one line for the person who gave it."""


class FileUnreadable(TextError):
    """No such file, a folder, no permission, a device, or a disk that fails."""


class BinaryFile(TextError):
    """The file is no text: it holds NULs, or too many control characters once decoded."""


class TextTooShort(TextError):
    """Empty, only blanks, or fewer tokens than the window and the batch need."""


class NothingToLearn(TextError):
    """One and the same token from beginning to end."""


class FileChanged(TextError):
    """The file was written, shortened, replaced or removed while it was read."""


class DamagedTask(TextError):
    """The first line says that the text is a memory task, and a further line is no example of it."""


class VectorsError(TextError):
    """A file of word vectors cannot be used."""


class NotVectors(VectorsError):
    """The file holds no word vectors: it is empty, compressed, a text, a picture."""


class WrongWidth(VectorsError):
    """A line has fewer or more numbers than the others, or all have more than any network takes."""


class DamagedVectors(VectorsError):
    """The vector of a word that is wanted is no row of finite numbers."""


class TruncatedVectors(VectorsError):
    """The file ends before the words that its first line announces."""


class NoKnownWord(VectorsError):
    """None of the text's words has a vector in the file."""


class ReadingCancelled(TextError):
    """The person who asked for the text has changed their mind: there is nothing to tell them."""
