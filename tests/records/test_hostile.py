"""Files made to break a reader: each ends in one sentence, nothing else is lost."""

import contextlib
import io
import random
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from consultdesk.consultation.source import Frames, MemorySource
from consultdesk.errors import RecordUnreadable
from consultdesk.records import formats
from consultdesk.records.reader import Reader
from consultdesk.samples import records as samples

from .conftest import sources_in

ANNA = samples.Person("Anna", "Sample", "1961-03-14", "female", "SP-1001")
DOCTOR = samples.Doctor("Dr Robert Example", "Orthopaedics", "Example Spine Centre")


def one_slice() -> bytes:
    return samples.dicom_series(ANNA, "spine", 1, date="2026-02-11")[0].data


def compressed(syntax: str, frame: bytes) -> MemorySource:
    """A slice whose pixels are replaced by one encapsulated frame of a transfer syntax."""
    head, _, _ = one_slice().partition(b"\xe0\x7f\x10\x00OW")
    fragment = frame + b"\x00" * (len(frame) % 2)
    pixels = b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\x00\x00\x00\x00"
    pixels += b"\xfe\xff\x00\xe0" + struct.pack("<I", len(fragment)) + fragment
    pixels += b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
    plain = b"1.2.840.10008.1.2.1\x00"
    meta = head.replace(
        b"UI\x14\x00" + plain, b"UI" + struct.pack("<H", len(syntax)) + syntax.encode()
    )
    return MemorySource("x.dcm", meta + pixels)


def deflated(grown: int) -> MemorySource:
    """A deflated DICOM file whose data set grows to so many bytes."""
    plain = one_slice()
    start = plain.index(b"\x08\x00\x05\x00CS")
    syntax = b"UI\x16\x001.2.840.10008.1.2.1.99"
    meta = plain[:start].replace(b"UI\x14\x001.2.840.10008.1.2.1\x00", syntax)
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = engine.compress(plain[start:])
    body += b"".join(engine.compress(b"\x00" * 1_000_000) for _ in range(grown // 1_000_000))
    return MemorySource("bomb.dcm", meta + body + engine.flush())


def test_a_deflated_bomb_is_refused_before_it_grows(reader: Reader) -> None:
    said = reader.describe(deflated(300_000_000))
    assert not said.readable
    assert "grows beyond measure" in said.reason


def test_a_modest_deflated_file_is_read(reader: Reader) -> None:
    said = reader.describe(deflated(0))
    assert said.readable
    assert ("patient.name", "Anna Sample") in {(fact.field, fact.value) for fact in said.facts}


def test_a_truncated_image_keeps_what_its_header_says(reader: Reader) -> None:
    whole = one_slice()
    said = reader.describe(MemorySource("x.dcm", whole[:-1000]))
    assert not said.readable
    assert "cut short" in said.reason
    assert ("patient.birth_date", "1961-03-14") in {(fact.field, fact.value) for fact in said.facts}


JPEG_2000 = b"\xff\x4f\xff\x51\x00\x2f\x00\x00" + struct.pack(">4I", 60000, 60000, 0, 0)
JPEG = b"\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00"
JPEG_LS = b"\xff\xd8\xff\xf7\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00"
RLE = b"\x01\x00\x00\x00\x40\x00\x00\x00" + b"\x00" * 56 + b"\x81\x00"


@pytest.mark.parametrize(
    ("syntax", "frame"),
    [
        ("1.2.840.10008.1.2.4.90", JPEG_2000),
        ("1.2.840.10008.1.2.4.50", JPEG),
        ("1.2.840.10008.1.2.4.80", JPEG_LS),
        ("1.2.840.10008.1.2.5", RLE),
    ],
)
def test_a_frame_that_claims_another_size_is_not_decoded(syntax: str, frame: bytes) -> None:
    stack = formats.view("dicom", [compressed(syntax, frame)])
    assert isinstance(stack, Frames)
    with pytest.raises(RecordUnreadable):
        stack.frame(0)


def test_an_unknown_compression_says_so(reader: Reader) -> None:
    said = reader.describe(compressed("1.2.840.10008.1.2.4.102", b"\x00\x00\x00\x18ftyp"))
    assert not said.readable
    assert "video" in said.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(reader: Reader, encoding: str) -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a0 "ha">{bomb}]>'
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><title>&a11;</title></ClinicalDocument>'
    )
    said = reader.describe(MemorySource("x.xml", text.encode(encoding)))
    assert said.format == "ccda"
    assert not said.readable
    assert "document type" in said.reason


def test_an_outside_entity_is_never_fetched(tmp_path: Path, reader: Reader) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    entity = f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'
    text = f"{entity}<ClinicalDocument>&s;</ClinicalDocument>"
    said = reader.describe(MemorySource("x.xml", text.encode()))
    assert "canary" not in "".join(said.texts)
    assert not said.readable


def test_a_picture_bomb_is_refused_by_its_size(reader: Reader) -> None:
    buffer = io.BytesIO()
    Image.new("1", (20_000, 9_000)).save(buffer, "PNG")
    said = reader.describe(MemorySource("x.png", buffer.getvalue()))
    assert not said.readable
    assert "million pixels" in said.reason


def test_deep_json_is_refused(reader: Reader) -> None:
    deep = b'{"resourceType":"Patient","a":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001
    said = reader.describe(MemorySource("x.json", deep))
    assert not said.readable


def test_a_header_of_a_million_elements_is_read_behind_the_wall(reader: Reader) -> None:
    whole = one_slice()
    start = whole.index(b"\x10\x00\x10\x00PN")
    many = b"".join(
        b"\x09\x00" + struct.pack("<H", n % 65000 + 1) + b"LO\x00\x00" for n in range(400_000)
    )
    said = reader.describe(MemorySource("x.dcm", whole[:start] + many + whole[start:]))
    assert said.format == "dicom"
    assert said.readable or said.reason


def small_samples() -> list[MemorySource]:
    page = [samples.Section("Plan", ("x",))]
    labs = [samples.Lab("Hb", 1, "g")]
    return [
        *samples.dicom_series(ANNA, "head", 1, date="2026-02-11"),
        samples.letter_pdf("a.pdf", "Note", ANNA, DOCTOR, "2026-03-02", page),
        samples.photo_jpeg("a.jpg"),
        samples.scan_png("a.png", ["a"]),
        samples.ccda("a.xml", ANNA, DOCTOR, "2026-03-02", question="a"),
        samples.fhir_bundle("a.json", ANNA, DOCTOR, "2026-03-02", labs=labs),
    ]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The bytes cut off, with flipped bits, or with a piece repeated."""
    way = chance.randrange(3)
    if way == 0:
        return data[: chance.randrange(len(data))]
    if way == 1:
        broken = bytearray(data)
        for _ in range(chance.randrange(1, 40)):
            broken[chance.randrange(min(len(broken), 6000))] ^= 1 << chance.randrange(8)
        return bytes(broken)
    at, length = chance.randrange(len(data)), chance.randrange(400)
    return data[:at] + data[at : at + length] * 3 + data[at:]


def check(reader: Reader, source: MemorySource) -> None:
    """Describe and look at a damaged file: it is shown or one sentence says why not."""
    said = reader.describe(source)
    assert said.readable != bool(said.reason)
    assert "\n" not in said.reason
    if not said.readable:
        return
    with contextlib.suppress(RecordUnreadable):  # any other exception fails the test
        shown = formats.view(said.format, [source])
        if isinstance(shown, Frames):
            shown.frame(0)


def test_random_damage_never_breaks_the_reader(reader: Reader) -> None:
    chance = random.Random(20260302)
    for sample in small_samples():
        for _ in range(25):
            check(reader, MemorySource(sample.name, damaged(sample.data, chance)))


@pytest.mark.heavy
def test_random_damage_to_real_files_never_breaks_the_reader(
    shared_data: Path, reader: Reader
) -> None:
    chance = random.Random(7)
    real = [
        *sources_in(shared_data / "dicom" / "robyoung+dicom-test-files"),
        *sources_in(shared_data / "pdf"),
        *sources_in(shared_data / "ccda"),
    ]
    for source in real:
        whole = source.path.read_bytes()
        for _ in range(6):
            check(reader, MemorySource(source.name, damaged(whole, chance)))
