"""Drawn photos for the demo: a street, and something on it that should not be there."""

import io
from random import Random

from PIL import Image, ImageDraw

SIZE = (960, 720)


def scene(random: Random, *, tidy: bool) -> bytes:
    """Return a JPEG of a street corner, with litter on it unless it is ``tidy``."""
    image = Image.new("RGB", SIZE, (196, 214, 228))
    draw = ImageDraw.Draw(image)
    _houses(draw, random)
    draw.polygon([(0, 430), (960, 400), (960, 720), (0, 720)], fill=(134, 138, 143))
    draw.polygon([(0, 430), (960, 400), (960, 450), (0, 490)], fill=(182, 178, 168))
    for x in range(40, 960, 190):
        draw.polygon([(x, 590), (x + 90, 588), (x + 96, 600), (x + 4, 602)], fill=(226, 226, 220))
    _trees(draw, random)
    if not tidy:
        _litter(draw, random)
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=82)
    return kept.getvalue()


def _houses(draw: ImageDraw.ImageDraw, random: Random) -> None:
    x = -30
    while x < SIZE[0]:
        wide, high = random.randint(110, 220), random.randint(120, 330)
        grey = random.randint(150, 215)
        draw.rectangle((x, 430 - high, x + wide, 440), fill=(grey, grey - 8, grey - 22))
        for wx in range(x + 14, x + wide - 24, 34):
            for wy in range(444 - high, 400, 46):
                draw.rectangle((wx, wy, wx + 18, wy + 26), fill=(110, 130, 150))
        x += wide + random.randint(4, 30)


def _trees(draw: ImageDraw.ImageDraw, random: Random) -> None:
    for x in range(random.randint(30, 120), SIZE[0], 240):
        draw.rectangle((x - 7, 300, x + 7, 452), fill=(96, 74, 52))
        green = random.randint(95, 135)
        draw.ellipse((x - 62, 190, x + 62, 330), fill=(58, green, 62))


def _litter(draw: ImageDraw.ImageDraw, random: Random) -> None:
    middle = random.randint(280, 680)
    for _ in range(random.randint(14, 30)):
        x, y = random.gauss(middle, 75), random.gauss(510, 22)
        size = random.uniform(10, 34)
        colour = random.choice(
            [(232, 232, 226), (40, 92, 150), (176, 52, 44), (60, 60, 60), (214, 178, 60)]
        )
        draw.polygon(
            [
                (x, y),
                (x + size, y - size / 3),
                (x + size * 1.2, y + size / 2),
                (x + size / 3, y + size / 1.5),
            ],
            fill=colour,
        )
