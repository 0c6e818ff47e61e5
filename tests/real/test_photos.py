"""Copies of real pictures are known as such, and different pictures never are."""

import warnings
from itertools import combinations

import pytest
from PIL import Image, UnidentifiedImageError

from app.kernel import reencode
from tests.cases.test_evidence import COPIES, alike
from tests.importing import DATA

FOLDER = DATA / "images"


def opened(path):
    """Return a picture worth comparing, None for a thumbnail, a broken or an empty one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as raw:
                image = raw.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return None
    return image if min(image.size) >= 200 and reencode.look(image) is not None else None


@pytest.fixture(scope="module")
def pictures():
    files = sorted(p for p in FOLDER.rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    found = [image for image in map(opened, files) if image is not None]
    assert len(found) >= 40
    return found


@pytest.mark.parametrize("copy", COPIES)
def test_copies_are_found_in_five_of_six_at_the_worst(pictures, copy):
    found = [alike(image, COPIES[copy](image)) for image in pictures]
    assert sum(found) >= len(found) * 5 / 6, (sum(found), len(found))


def test_only_the_same_picture_is_taken_for_another(pictures):
    """What is found alike is the same picture, saved twice under two names among the samples."""
    small = [(image, image.convert("L").resize((16, 16)).tobytes()) for image in pictures]
    for (one, first), (other, second) in combinations(small, 2):
        if alike(one, other):
            assert max(abs(a - b) for a, b in zip(first, second, strict=True)) <= 12
