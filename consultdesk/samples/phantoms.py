"""Pictures of nobody: drawn anatomy that looks enough like the real thing to work with."""

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from consultdesk.assets import resource

Field = npt.NDArray[np.float64]

LUMBAR = ("T12/L1", "L1/2", "L2/3", "L3/4", "L4/5", "L5/S1")

_MR_MM = 0.78  # pixel size of the drawn sagittal spine
_CT_MM = 0.9


def _grid(rows: int, columns: int, millimetres: float) -> tuple[Field, Field]:
    """Coordinates (down, right) in mm from the middle of the picture."""
    down = (np.arange(rows) - rows / 2) * millimetres
    right = (np.arange(columns) - columns / 2) * millimetres
    return np.meshgrid(down, right, indexing="ij")


def _inside(distance: Field, softness: float = 0.8) -> Field:
    """1 inside a shape, 0 outside, from its signed distance in mm."""
    inside: Field = 1 / (1 + np.exp(np.clip(distance / softness, -40, 40)))
    return inside


def _ellipse(
    down: Field, right: Field, at: tuple[float, float], size: tuple[float, float]
) -> Field:
    scaled = np.hypot((down - at[0]) / size[0], (right - at[1]) / size[1])
    distance: Field = (scaled - 1) * min(size)
    return distance


def _box(
    down: Field,
    right: Field,
    at: tuple[float, float],
    size: tuple[float, float],
    turn: float,
    round_: float,
) -> Field:
    """Signed distance to a rounded rectangle turned by `turn` radians; `size` is half of it."""
    cos, sin = np.cos(turn), np.sin(turn)
    a = (down - at[0]) * cos + (right - at[1]) * sin
    b = -(down - at[0]) * sin + (right - at[1]) * cos
    over = np.abs(a) - size[0] + round_, np.abs(b) - size[1] + round_
    outside = np.hypot(np.maximum(over[0], 0), np.maximum(over[1], 0))
    distance: Field = outside + np.minimum(np.maximum(*over), 0) - round_
    return distance


def _blend(picture: Field, value: float | Field, mask: Field) -> Field:
    return picture * (1 - mask) + value * mask


def _grain(picture: Field, seed: int, strength: float) -> Field:
    """Slow shading of a coil and fast noise of a receiver."""
    chance = np.random.default_rng(seed)
    rows, columns = picture.shape
    coarse = Image.fromarray(chance.normal(0, 1, (rows // 12, columns // 12)).astype(np.float32))
    shading = np.asarray(coarse.resize((columns, rows), Image.Resampling.BICUBIC))
    noisy: Field = picture * (1 + 0.05 * shading) + chance.normal(0, strength, picture.shape)
    return noisy


def spine_mr(offset: float, *, herniated: str = "L4/5", seed: int = 1, size: int = 384) -> Field:
    """A sagittal T2 slice of a lumbar spine, values 0…1, `offset` mm from the midline.

    The disc of the `herniated` level is dark and bulges into the canal near the midline.
    """
    down, right = _grid(size, size, _MR_MM)
    picture = np.full(down.shape, 0.02)
    picture = _blend(picture, 0.85, _inside(_box(down, right, (0, 4), (170, 104), 0.0, 60), 2))
    picture = _blend(picture, 0.30, _inside(_box(down, right, (0, -4), (166, 88), 0.0, 55), 3))
    central = float(np.exp(-((offset / 11) ** 2)))
    curve = 14 * np.sin((down + 30) / 62)
    canal = right - curve - 26
    fluid = _inside(np.abs(canal) - 8.0)
    picture = _blend(picture, 0.62, _inside(np.abs(canal - 13) - 6) * 0.8)
    picture = _blend(picture, 0.55 + 0.4 * central, fluid * (0.35 + 0.65 * central))
    roots = _inside(np.abs(canal + 1.5 + 1.5 * np.sin(down / 5)) - 1.6) * _inside(-(down + 70))
    picture = _blend(picture, 0.42, roots * central * 0.8)
    cord = _inside(np.abs(canal) - 4.2) * _inside(down + 75, 4)
    picture = _blend(picture, 0.45, cord * central)
    for number in range(-1, 7):
        picture = _vertebra(picture, down, right, number, central)
    for number, level in enumerate(LUMBAR):
        picture = _disc(picture, down, right, number, central, herniated=level == herniated)
    return np.clip(_grain(picture, seed, 0.018), 0, 1)


def _axis(down: float) -> tuple[float, float]:
    """Where the row of vertebrae stands at a height, and its tilt in radians."""
    return 14 * float(np.sin((down + 30) / 62)), float(
        np.arctan(14 / 62 * np.cos((down + 30) / 62))
    )


def _vertebra(picture: Field, down: Field, right: Field, number: int, central: float) -> Field:
    height = -128 + 40 * number
    middle, tilt = _axis(height)
    narrow = 1 - 0.25 * (number == 6)
    body = _box(down, right, (height, middle), (14 * narrow, 17 * narrow), tilt, 3.5)
    waist = 1.5 * np.cos(np.clip((down - height) / 14, -1, 1) * np.pi / 2)
    mask = _inside(body + waist, 0.7)
    picture = _blend(picture, 0.12, _inside(np.abs(body + waist) - 0.8, 0.5) * 0.9)
    picture = _blend(picture, 0.44, mask)
    process = _box(down, right, (height + 12, middle + 54), (7, 15), tilt + 0.35, 5)
    return _blend(picture, 0.40, _inside(process) * (0.25 + 0.75 * central))


def _disc(
    picture: Field, down: Field, right: Field, number: int, central: float, *, herniated: bool
) -> Field:
    height = -108 + 40 * number
    middle, tilt = _axis(height)
    thin = 3.4 if herniated else 4.8
    disc = _box(down, right, (height, middle), (thin, 18), tilt, 3)
    picture = _blend(picture, 0.16, _inside(disc, 0.6))
    if not herniated:
        nucleus = _ellipse(down, right, (height, middle + 1), (thin * 0.75, 12))
        return _blend(picture, 0.72 - 0.03 * number, _inside(nucleus, 1.2))
    bulge = _ellipse(down, right, (height + 1.5, middle + 21.5), (5.2, 8.5))
    return _blend(picture, 0.20, _inside(bulge, 0.7) * central)


def chest_ct(offset: float, *, nodule: bool = True, seed: int = 1, size: int = 320) -> Field:
    """An axial chest slice in HU, `offset` mm along the body; a nodule sits at 0 mm."""
    down, right = _grid(size, size, _CT_MM * 1.25)
    picture = np.full(down.shape, -1000.0)
    picture = _blend(picture, -90, _inside(_ellipse(down, right, (0, 0), (118, 162))))
    picture = _blend(picture, 45, _inside(_ellipse(down, right, (2, 0), (103, 146))))
    shrink = 1 - min(0.35, abs(offset) / 400)
    for side in (-1, 1):
        lung = _ellipse(down, right, (-6, side * 72), (82 * shrink, 56 * shrink))
        picture = _blend(picture, -840, _inside(lung, 1.5))
        for rib in range(9):
            angle = rib * 0.36 - 1.4
            at = (4 + 98 * np.sin(angle), side * (20 + 118 * np.cos(angle)))
            picture = _blend(picture, 480, _inside(_ellipse(down, right, at, (5.5, 8))))
        picture = _vessels(picture, down, right, side, seed)
    picture = _blend(picture, 60, _inside(_ellipse(down, right, (-14, -14), (46, 52))))
    picture = _blend(picture, 190, _inside(_ellipse(down, right, (34, -26), (13, 13))))
    picture = _blend(picture, 260, _inside(_ellipse(down, right, (68, 0), (21, 24))))
    picture = _blend(picture, 900, _inside(np.abs(_ellipse(down, right, (68, 0), (21, 24))) - 1.2))
    picture = _blend(picture, 20, _inside(_ellipse(down, right, (91, 0), (8, 9))))
    picture = _blend(picture, -980, _inside(_ellipse(down, right, (4, 6), (9, 9))))
    if nodule:
        radius = float(np.sqrt(max(0.0, 81 - offset**2)))
        if radius > 0.5:
            picture = _blend(
                picture, 38, _inside(_ellipse(down, right, (-30, 84), (radius, radius)))
            )
    return picture + np.random.default_rng(seed).normal(0, 14, picture.shape)


def _vessels(picture: Field, down: Field, right: Field, side: int, seed: int) -> Field:
    chance = np.random.default_rng(seed // 4 + 17 * (side + 2))
    for _ in range(26):
        at = (chance.uniform(-66, 56), side * (72 + chance.uniform(-40, 40)))
        radius = chance.uniform(0.9, 3.0)
        if ((at[0] + 6) / 74) ** 2 + ((abs(at[1]) - 72) / 46) ** 2 < 1:
            picture = _blend(picture, 20, _inside(_ellipse(down, right, at, (radius, radius)), 0.6))
    return picture


def head_mr(offset: float, *, lesion: bool = True, seed: int = 1, size: int = 288) -> Field:
    """An axial FLAIR slice of a head, values 0…1; lesions lie beside the ventricles at 0 mm."""
    down, right = _grid(size, size, 0.85)
    shrink = float(np.sqrt(max(0.05, 1 - (offset / 78) ** 2)))
    picture = np.full(down.shape, 0.01)
    outer = (97 * shrink, 79 * shrink)
    picture = _blend(picture, 0.55, _inside(_ellipse(down, right, (0, 0), outer)))
    picture = _blend(
        picture, 0.04, _inside(_ellipse(down, right, (0, 0), (91 * shrink, 73 * shrink)))
    )
    brain = _inside(_ellipse(down, right, (0, 0), (85 * shrink, 67 * shrink)))
    angle = np.arctan2(down, right)
    folds = 0.06 * np.sin(23 * angle + 2 * np.sin(7 * angle)) + 0.03 * np.sin(41 * angle)
    depth = np.hypot(down / (85 * shrink), right / (67 * shrink)) + folds
    tissue = (
        0.36
        + 0.13 / (1 + np.exp(-(depth - 0.80) / 0.02))
        - 0.42 * np.exp(-(((depth - 0.985) / 0.03) ** 2))
    )
    picture = _blend(picture, np.clip(tissue, 0.05, 1), brain)
    picture = _blend(picture, 0.06, _inside(np.abs(right) - 0.8, 0.5) * brain * (np.abs(down) > 30))
    for side in (-1, 1):
        ventricle = _box(
            down, right, (-2, side * 11 * shrink), (27 * shrink, 6 * shrink), side * 0.22, 5
        )
        picture = _blend(picture, 0.05, _inside(ventricle))
        for number in range(4 if lesion else 0):
            at = (-24 + 16 * number, side * (22 + 5 * (number % 2)))
            radius = max(0.1, 4.6 - number * 0.5 - abs(offset) / 5)
            picture = _blend(
                picture, 0.92, _inside(_ellipse(down, right, at, (radius * 0.7, radius * 1.2)))
            )
    return np.clip(_grain(picture, seed, 0.015), 0, 1)


def histology(
    *, atypical: bool = True, seed: int = 1, size: tuple[int, int] = (900, 640)
) -> Image.Image:
    """A haematoxylin and eosin field in pink and violet: glands in stroma, crowded if atypical."""
    chance = np.random.default_rng(seed)
    width, height = size
    fibres = Image.fromarray(chance.integers(90, 165, (height // 4, width // 24), dtype=np.uint8))
    base = Image.blend(_stroma(chance, size), fibres.resize(size, Image.Resampling.BICUBIC), 0.5)
    tissue = Image.merge("RGB", [
        base.point(lambda v: 214 + v // 8), base.point(lambda v: 130 + v // 3),
        base.point(lambda v: 172 + v // 4),
    ])  # fmt: skip
    pen = ImageDraw.Draw(tissue)
    for _ in range(width * height // 2600):
        at = chance.uniform(0, width), chance.uniform(0, height)
        _nucleus(pen, chance, at, (2.2, 6.0), chance.uniform(0, np.pi))
    glands = 15 if atypical else 8
    for _ in range(glands):
        at = chance.uniform(40, width - 40), chance.uniform(40, height - 40)
        _gland(pen, chance, at, chance.uniform(34, 66), atypical=atypical)
    return tissue.filter(ImageFilter.GaussianBlur(0.9))


def _stroma(chance: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    cells = chance.integers(60, 200, (size[1] // 14, size[0] // 14), dtype=np.uint8)
    return Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)


def _gland(
    pen: ImageDraw.ImageDraw,
    chance: np.random.Generator,
    at: tuple[float, float],
    radius: float,
    *,
    atypical: bool,
) -> None:
    wobble = chance.uniform(0, 2 * np.pi, 3)
    around = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    rough = 0.17 if atypical else 0.05
    edge = radius * (
        1 + rough * np.sin(3 * around + wobble[0]) + rough * 0.6 * np.sin(5 * around + wobble[1])
    )
    for scale, colour in ((1.0, (190, 120, 178)), (0.84, (222, 170, 208)), (0.5, (250, 244, 248))):
        ring = [
            (at[0] + scale * e * np.cos(a), at[1] + scale * e * np.sin(a))
            for a, e in zip(around, edge, strict=True)
        ]
        pen.polygon(ring, fill=colour)
    for layer in (0.88, 0.74) if atypical else (0.88,):
        for a, e in zip(
            around[:: 2 if atypical else 3], edge[:: 2 if atypical else 3], strict=True
        ):
            jitter = layer + chance.uniform(-0.06, 0.06)
            spot = at[0] + jitter * e * np.cos(a), at[1] + jitter * e * np.sin(a)
            long = chance.uniform(4.5, 8.0) if atypical else 4.6
            _nucleus(pen, chance, spot, (chance.uniform(2.8, 4.4), long), float(a))


def _nucleus(
    pen: ImageDraw.ImageDraw, chance: np.random.Generator, at: tuple[float, float],
    size: tuple[float, float], turn: float,
) -> None:  # fmt: skip
    shade = int(chance.integers(-18, 18))
    around = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ring = [
        (
            at[0] + size[1] * np.cos(a) * np.cos(turn) - size[0] * np.sin(a) * np.sin(turn),
            at[1] + size[1] * np.cos(a) * np.sin(turn) + size[0] * np.sin(a) * np.cos(turn),
        )
        for a in around
    ]
    pen.polygon(ring, fill=(92 + shade, 52 + shade // 2, 132 + shade))


def electrocardiogram(title: str, *, irregular: bool = False, seed: int = 1) -> Image.Image:
    """A twelve-lead strip on its grid, as scanned from paper."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", (1400, 900), (255, 250, 247))
    pen = ImageDraw.Draw(picture)
    for step, colour in ((8, (250, 222, 216)), (40, (240, 178, 168))):
        for x in range(0, 1400, step):
            pen.line((x, 60, x, 900), fill=colour)
        for y in range(60, 900, step):
            pen.line((0, y, 1400, y), fill=colour)
    font = ImageFont.truetype(str(resource("fonts", "DejaVuSans.ttf")), 20)
    pen.text((24, 18), title, fill=(30, 30, 34), font=font)
    leads = ("I", "aVR", "V1", "V4", "II", "aVL", "V2", "V5", "III", "aVF", "V3", "V6")
    for number, lead in enumerate(leads):
        left, top = 20 + 340 * (number % 4), 190 + 220 * (number // 4)
        pen.text((left, top - 96), lead, fill=(30, 30, 34), font=font)
        wave = _beats(chance, 330, irregular=irregular) * (
            -0.7 if lead == "aVR" else 0.6 + 0.08 * number
        )
        pen.line(
            [(left + x, top - float(y)) for x, y in enumerate(wave)], fill=(25, 25, 40), width=2
        )
    return picture


def _beats(chance: np.random.Generator, length: int, *, irregular: bool) -> Field:
    """One lead: P, QRS and T as bumps; without P and at odd intervals when irregular."""
    x = np.arange(length, dtype=np.float64)
    y = chance.normal(0, 1.0 if irregular else 0.5, length)
    at = 40.0
    while at < length:
        for shift, height, width in (
            (-26, 0 if irregular else 9, 7),
            (-4, -9, 2),
            (0, 78, 2.4),
            (4, -16, 2),
            (36, 19, 11),
        ):
            y += height * np.exp(-(((x - at - shift) / width) ** 2))
        at += chance.uniform(70, 150) if irregular else 108
    return y


def photograph(seed: int = 1) -> Image.Image:
    """A photograph of a healing wound on skin, softly lit."""
    chance = np.random.default_rng(seed)
    down, right = _grid(480, 640, 0.4)
    skin = np.stack([np.full(down.shape, tone) for tone in (222.0, 176.0, 150.0)], axis=2)
    light = 1 - 0.0016 * np.hypot(down + 30, right + 50)
    redness = np.exp(-((down / 16) ** 2) - (right / 74) ** 2)
    skin[:, :, 1] -= 46 * redness
    skin[:, :, 2] -= 40 * redness
    scar = _inside(np.abs(down - 3 * np.sin(right / 21)) - 1.6) * _inside(np.abs(right) - 58)
    for channel, tone in enumerate((150, 74, 76)):
        skin[:, :, channel] = _blend(skin[:, :, channel], tone, scar)
    for stitch in range(-50, 51, 10):
        mark = _inside(
            _box(down, right, (3 * np.sin(stitch / 21), stitch), (6, 0.7), 0.12, 0.6), 0.4
        )
        for channel in range(3):
            skin[:, :, channel] = _blend(skin[:, :, channel], 40, mark)
    grain = chance.normal(0, 3.5, down.shape)[:, :, None]
    return Image.fromarray(np.clip(skin * light[:, :, None] + grain, 0, 255).astype(np.uint8))


def as_png(picture: Image.Image) -> bytes:
    """The picture as PNG bytes."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def typed_page(lines: Sequence[str]) -> Image.Image:
    """Typed lines on grey paper, as a scanner sees them."""
    page = Image.new("L", (1000, 1300), 250)
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(resource("fonts", "DejaVuSans.ttf")), 21)
    for number, line in enumerate(lines):
        pen.text((90, 100 + 36 * number), line, fill=45, font=font)
    pen.line((90, 1180, 380, 1150), fill=70, width=2)
    return page
