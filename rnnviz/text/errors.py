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


class ReadingCancelled(TextError):
    """The person who asked for the text has changed their mind: there is nothing to tell them."""
