"""Looking at a source file before it is read: which files, encoding, delimiter, header, fingerprint."""

import codecs
import csv
import gzip
import hashlib
import io
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

from salestrack.errors import BookError, suggestion
from salestrack.sources.header import DELIMITERS, delimiter_of, rows_before_header, told_before

CSV_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")
PARQUET_ENDINGS = (".parquet",)
DUCKDB_ENDINGS = (".duckdb", ".ddb", ".db")
_CHUNK = 1 << 20
_SAMPLE = 1 << 16
# Readings that are messier than the best by more than this are no rivals; between rivals the owner decides.
_UNLIKE = 0.2
# What programs that write CSV use; the detector's other guesses (old DOS and Macintosh code pages) only blur the question.
_ENCODINGS = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp932", "cp949", "gb18030", "big5", "mac_roman"]
_NO_ENCODINGS = ("", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "mbcs", "oem")
_SIGNS = ("Sk", "So", "Sm", "Sc", "Cc", "Cn", "Co")
_WIDE = ["utf_16_le", "utf_16_be"]


@dataclass(frozen=True)
class CsvFile:
    """A text file whose form is known.

    Parameters
    ----------
    path : Path
        The file.
    encoding, delimiter : str
        How to read it.
    header : tuple of str
        Column names, cleaned, each once.
    sha256 : str
        Of the file's bytes.
    notes : tuple of str
        What was detected rather than said or plain: encoding, delimiter, rows before the header.
    before : int
        Rows before the header, blank ones not counted.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    sha256: str
    notes: tuple[str, ...] = ()
    before: int = 0


def find_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder that a name or a glob pattern means, in order of name.

    Raises
    ------
    BookError
        There is none; the message offers the nearest names.
    """
    plain, anchor = folder / pattern, Path(pattern).anchor
    found = [plain] if plain.is_file() else []
    if not found and any(sign in pattern for sign in "*?["):
        parts = str(Path(pattern).relative_to(anchor)) if anchor else pattern
        found = sorted(each for each in Path(anchor or folder).glob(parts) if each.is_file())
    if not found:
        near = [each.name for each in folder.iterdir() if each.is_file()] if folder.is_dir() else []
        raise BookError(f"file not found: {pattern} in {folder}.{suggestion(pattern, near)}")
    return found


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def inspect_csv(path: Path, encoding: str | None = None, delimiter: str | None = None, before: int | None = None) -> CsvFile:
    """Look at a CSV file: its encoding, delimiter and header, and what stands before that.

    Parameters
    ----------
    path : Path
        A CSV file; with the ending .gz it is unpacked.
    encoding, delimiter : str, optional
        As the book file says; detected when None.
    before : int, optional
        Rows before the header, as the book file says; found when None.

    Raises
    ------
    BookError
        The file is empty, packed and damaged, one endless line, or its encoding is unknown or cannot be told.
    """
    _must_be_whole(path)
    head = _head(path)
    notes = []
    if encoding is None:
        encoding, told = _encoding(path, head)
        notes += [told] if told else []
    sample = _decoded(path, head, encoding)
    if delimiter is None:
        delimiter = delimiter_of(sample)
        if delimiter != "," and not path.name.removesuffix(".gz").endswith(".tsv"):
            notes.append(f"{path.name} is read with the delimiter {delimiter!r} ({DELIMITERS.get(delimiter, 'as it says itself')})")
    above = rows_before_header(sample, delimiter) if before is None else before
    if above and before is None:
        notes.append(f"{path.name}: {told_before(sample, delimiter, above)}")
    header = _header(path, sample, delimiter, above)
    other = delimiter_of(sample)
    if len(header) == 1 and other in header[0]:
        message = f"{path.name} read with the delimiter {delimiter!r} is one column, {header[0][:60]!r}. Say delimiter: {other!r}."
        raise BookError(message)
    return CsvFile(path, encoding, delimiter, header, fingerprint(path), tuple(notes), above)


def opened(path: Path) -> BinaryIO:
    """Open a file for reading bytes, unpacked where its name ends with .gz."""
    return gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return column names without BOM, surrounding spaces and trailing asterisk, each once regardless of case."""
    seen: dict[str, int] = {}
    clean = []
    for position, name in enumerate(names, start=1):
        bare = name.strip().strip("\ufeff").strip().rstrip("*").strip() or f"column {position}"
        seen[bare.casefold()] = seen.get(bare.casefold(), 0) + 1
        clean.append(bare if seen[bare.casefold()] == 1 else f"{bare} ({seen[bare.casefold()]})")
    return tuple(clean)


def _must_be_whole(path: Path) -> None:
    """Refuse a packed file that was cut off or damaged on its way: what can still be unpacked would pass for all of it."""
    if not path.name.endswith(".gz"):
        return
    try:
        with opened(path) as stream:
            while stream.read(_CHUNK):
                pass
    except EOFError as error:
        raise BookError(f"{path.name} is incomplete: its packed data ends before its end. Copy or export it again.") from error
    except (OSError, zlib.error) as error:
        raise BookError(f"{path.name} cannot be read: {error}. It is damaged, or no gzip file: export it again.") from error


def _head(path: Path) -> bytes:
    try:
        with opened(path) as stream:
            head = stream.read(_CHUNK)
    except (OSError, EOFError) as error:
        raise BookError(f"{path.name} cannot be read: {error}") from error
    if not head.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise BookError(f"{path.name} is empty: it has not even a header. Export it again.")
    if len(head) == _CHUNK and b"\n" not in head and b"\r" not in head:
        told = f"{path.name} is no table: it has no line break in its first {_CHUNK:,} bytes"
        raise BookError(f"{told}. Is it JSON, or an export without line ends? Export it as CSV.")
    return head


def _encoding(path: Path, head: bytes) -> tuple[str, str]:
    """Return the encoding and, where it is not UTF-8, a note that says so."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", f"{path.name} is read as utf-16"
    if b"\x00" not in head and _is_utf8(path):
        return "utf-8", ""
    wide = b"\x00" in head
    sample = head[:_SAMPLE] if wide else head.split(b"\n", 1)[0] + b"\n" + _odd_lines(path)
    guesses = from_bytes(sample, cp_isolation=_WIDE if wide else _ENCODINGS)
    matches = [match for match in guesses if _plausible(str(match))]
    near = [match for match in matches if match.chaos <= matches[0].chaos + _UNLIKE]
    near = [match for match in near if match.coherence >= max(each.coherence for each in near) - 0.1]
    readings = {str(match): _usual_name(match.could_be_from_charset) for match in reversed(near)}
    if len(readings) != 1:
        raise BookError(_encoding_question(path, sample, readings))
    found = next(iter(readings.values()))
    return found, f"{path.name} is not UTF-8; it is read as {found}"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with opened(path) as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _odd_lines(path: Path) -> bytes:
    """Return lines that hold more than ASCII: they alone tell one encoding from another."""
    odd, size = [], 0
    with opened(path) as stream:
        for line in stream:
            if not line.isascii():
                odd.append(line)
                size += len(line)
            if size > _SAMPLE:
                break
    return b"".join(odd)


def _plausible(text: str) -> bool:
    """Return whether odd characters stand where letters of names stand.

    No sign beside a letter, no capital after a small letter, no Latin letter beside a Greek or Cyrillic one.
    """
    for pair in pairwise(text):
        if pair[0].isascii() and pair[1].isascii():
            continue
        kinds = [unicodedata.category(each) for each in pair]
        letters = [kind[0] == "L" for kind in kinds]
        if any(letters) and any(kind in _SIGNS and not each.isascii() for kind, each in zip(kinds, pair, strict=True)):
            return False
        scripts = {unicodedata.name(each, "").split(" ")[0] for each in pair} & {"LATIN", "GREEK", "CYRILLIC"}
        if all(letters) and (kinds == ["Ll", "Lu"] or len(scripts) > 1):
            return False
    return True


def _usual_name(names: list[str]) -> str:
    return next((name for name in _ENCODINGS if name in names), names[0])


def _encoding_question(path: Path, sample: bytes, readings: dict[str, str]) -> str:
    asked = f"{path.name} is not UTF-8. Save it as UTF-8, or say its encoding in the book file"
    if not readings:
        return f"{asked}, for example encoding: cp1252 (Western Europe) or cp949 (Korea)."
    lines = [text.splitlines() for text in readings]
    different = next((row for row in zip(*lines, strict=False) if len(set(row)) > 1), tuple(text[:40] for text in readings))
    ways = " or ".join(f"{row.strip()[:60]!r} (encoding: {name})" for row, name in zip(different, readings.values(), strict=False))
    return f"{asked}: a line may read {ways}, or otherwise in another encoding."


def _decoded(path: Path, head: bytes, encoding: str) -> str:
    try:
        # An encoding of bytes as bytes is none of texts, and some read anything as something.
        "a".encode("undefined" if encoding.lower().replace("-", "_") in _NO_ENCODINGS else encoding)
        decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
    except (LookupError, ValueError) as error:
        raise BookError(f"{path.name}: there is no encoding {encoding!r}.{suggestion(encoding, _ENCODINGS)}") from error
    try:
        return decoder.decode(head)
    except UnicodeDecodeError as error:
        raise BookError(f"{path.name} is not written in {encoding}: {error.reason} at byte {error.start}.") from error


def _header(path: Path, sample: str, delimiter: str, before: int) -> tuple[str, ...]:
    try:
        rows = (row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row)
        return unique_names(next(islice(rows, before, None)))
    except (csv.Error, StopIteration) as error:
        raise BookError(f"{path.name} has no header that can be read: {error or 'no line'}. Export it again.") from error


def decoded_rows(file: CsvFile) -> Iterator[list[str]]:
    """Yield the rows of a CSV file that are not blank, header first, by Python's own reader: slower, at ease with mixed line ends.

    Raises
    ------
    BookError
        The file does not hold what its encoding allows, or a field that is longer than any table has.
    """
    limit = csv.field_size_limit(2**31 - 1)
    try:
        with opened(file.path) as raw, io.TextIOWrapper(raw, encoding=file.encoding, newline="") as text:
            yield from islice((row for row in csv.reader(text, delimiter=file.delimiter) if row), file.before, None)
    except UnicodeDecodeError as error:
        raise BookError(f"{file.path.name} is not written in {file.encoding}: {error.reason} at byte {error.start}.") from error
    except csv.Error as error:
        raise BookError(f"{file.path.name} cannot be read: {error}.") from error
    finally:
        csv.field_size_limit(limit)
