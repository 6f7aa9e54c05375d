"""Every way to end a line becomes one line feed."""

LINE_ENDS = ("\r\n", "\r", "\x85", "\u2028", "\u2029")
"""What becomes a line feed: CRLF and CR, and the next-line, line and paragraph separators of Unicode
(Unicode Standard, section 5.8). Vertical tab and form feed stay what they are."""


def normalised(text: str) -> str:
    r"""`text` with "\n" as its only line end."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        for end in LINE_ENDS[2:]:
            if end in text:
                text = text.replace(end, "\n")
    return text
