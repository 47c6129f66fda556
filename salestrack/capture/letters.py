"""Letters in no declared encoding, as old programs wrote them: read as what they most likely are."""

import unicodedata
from codecs import lookup
from email.header import decode_header

_BROKEN = (ValueError, TypeError, LookupError)
# Programs write the smaller set and mean the larger one, which holds all of it.
_WIDER = {"euc_kr": "cp949", "ascii": "", "utf-8": "", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
_HANGUL = range(0xAC00, 0xD7A4)
# Signs that Korean text has beside its letters: punctuation, brackets, compatibility letters, wide forms.
_BESIDE = (range(0x2000, 0x2700), range(0x3000, 0x3400), range(0xFF00, 0xFFF0), range(0xA0, 0x100))


def read(content: bytes, said: str = "") -> str:
    """Return text: UTF-8 where it is that, else in the encoding that is said of it, else Korean where it makes sense, else Latin.

    Parameters
    ----------
    content : bytes
        Text in one encoding.
    said : str
        An encoding that stands nearby; empty or unknown: nothing is said.

    Examples
    --------
    >>> read("출장 준비".encode("cp949")), read("für".encode("cp1252")), read("für".encode())
    ('출장 준비', 'für', 'für')
    """
    for encoding in filter(None, ("utf-8", wider(said))):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    try:
        korean = content.decode("cp949")
    except UnicodeDecodeError:
        korean = ""
    return korean if _is_korean(korean) else content.decode("cp1252", errors="replace")


def wider(name: str) -> str:
    """Return the codec to read an encoding with; empty where nobody knows it or it says nothing."""
    try:
        known = lookup(name.strip("'\" ")).name
    except (LookupError, ValueError):
        return ""
    return _WIDER.get(known, known)


def _is_korean(text: str) -> bool:
    beyond = [ord(letter) for letter in text if not letter.isascii()]
    hangul = sum(each in _HANGUL for each in beyond)
    others = sum(each not in _HANGUL and not any(each in signs for signs in _BESIDE) for each in beyond)
    return hangul > others


def header_text(raw: str, said: str = "") -> str:
    """Return a header decoded as far as it can be: words in their own encodings (RFC 2047), the rest as it is most likely meant.

    Parameters
    ----------
    raw : str
        As the parser keeps it, with bytes beyond ASCII as surrogates.
    said : str
        The encoding of the mail's body.
    """
    text = read(raw.encode("utf-8", errors="surrogateescape"), said)
    try:
        parts = decode_header(text)
    except _BROKEN:
        return whole(text)
    return whole("".join(_decoded(part, charset) for part, charset in parts))


def _decoded(part: str | bytes, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    # Between words the library hands on what it found as bytes of its own.
    return part.decode("raw-unicode-escape") if charset is None else read(part, charset)


def whole(text: str) -> str:
    """Return text whose letters are whole: some programs write Korean syllables and accents in pieces."""
    return unicodedata.normalize("NFC", text)


def plain(text: str) -> str:
    """Return a name to compare: in small letters, with single spaces around it none."""
    return " ".join(whole(text).split()).strip("\"' ").casefold()
