"""Splitting an address into its elements: province to room, by a model learned from examples.

A conditional random field labels the tokens; its weights lie in ``seed_data/splitter``.  The labels
are those of the corpus it was learned from (ADR 0011): prov, city, district, devzone, town,
community, road, roadno, subroad, subroadno, poi, subpoi, houseno, cellno, floorno, roomno, person,
assist, redundant, country, otherinfo.
"""

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pycrfsuite

from app.places.addresses.words import NUMERAL, tokens

MODEL = Path(__file__).resolve().parents[3] / "seed_data" / "splitter" / "model.crfsuite.gz"
SUFFIXES = "省市区县镇乡村路街道巷弄号幢栋楼室层座园"
TRAINING = {
    "c1": 2.0,
    "c2": 0.01,
    "max_iterations": 120,
    "feature.minfreq": 5,
}
"""Weights of rare features are dropped: the model keeps how addresses are built, not which."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of an address: what it is, its text, where it begins."""

    label: str
    text: str
    start: int


def split(text: str) -> list[Element]:
    """Return the elements of ``text`` in order; what is none of them is left out."""
    given = tokens(text)
    if not given:
        return []
    return elements(given, _tagger().tag(features(given)))


def elements(given: Sequence[str], labels: Sequence[str]) -> list[Element]:
    """Return the elements that begin with B- and go on with I- of the same label.

    >>> elements(["园", "路", "26", "号"], ["B-road", "I-road", "B-roadno", "I-roadno"])
    [Element(label='road', text='园路', start=0), Element(label='roadno', text='26号', start=2)]
    """
    found: list[Element] = []
    place, open_ = 0, ""
    for token, tag in zip(given, labels, strict=True):
        begins, label = tag[0] == "B", tag[2:]
        if label and not begins and label == open_:
            last = found.pop()
            found.append(Element(label, last.text + token, last.start))
        elif label:
            found.append(Element(label, token, place))
        open_ = label
        place += len(token)
    return found


@cache
def _weights() -> bytes:
    """Return the model; the tagger reads these very bytes as long as it lives."""
    return gzip.decompress(MODEL.read_bytes())


@cache
def _tagger() -> pycrfsuite.Tagger:
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(_weights())
    return tagger


def features(given: Sequence[str]) -> list[list[str]]:
    """Return for each token what the model knows it by: neighbours, shapes, the suffix ahead."""
    shapes = [_shape(token) for token in given]
    plain = [
        "0" if shape == "9" else token.lower() for token, shape in zip(given, shapes, strict=True)
    ]
    return [_features(given[i], plain, shapes, i) for i in range(len(given))]


def _features(token: str, plain: Sequence[str], shapes: Sequence[str], i: int) -> list[str]:
    def word(step: int) -> str:
        return _at(plain, i + step)

    found = ["b"]
    found += [f"w{d}={word(d)}" for d in (-2, -1, 0, 1, 2)]
    found += [f"p{d}={word(d)}{word(d + 1)}" for d in (-2, -1, 0, 1)]
    found.append(f"q={word(-1)}{word(1)}")
    found.append("t=" + "".join(_at(shapes, i + d) for d in (-2, -1, 0, 1, 2)))
    found.append("t3=" + "".join(_at(shapes, i + d) for d in (-1, 0, 1)))
    found.append(f"tri={word(-2)}{word(-1)}{word(0)}")
    found.append(f"trj={word(0)}{word(1)}{word(2)}")
    ahead = next((d for d in range(6) if word(d) in SUFFIXES), None)
    if ahead is not None:
        found += [f"ahead={word(ahead)}", f"ahead={word(ahead)}{ahead}"]
    if shapes[i] == "9":
        found.append(f"digits={len(token)}")
    return found


def _at(row: Sequence[str], i: int) -> str:
    if i < 0:
        return "<"
    return row[i] if i < len(row) else ">"


def _shape(token: str) -> str:
    if token.isascii() and token.isdigit():
        return "9"
    if token.isascii() and token.isalpha():
        return "a"
    if token in NUMERAL:
        return "一"
    return "汉" if token.isalnum() else "."


def train(examples: Iterable[tuple[Sequence[str], Sequence[str]]], target: Path) -> None:
    """Learn from tokens with their labels, and store the weights in ``target`` (gzip)."""
    trainer = pycrfsuite.Trainer(verbose=False)
    for given, labels in examples:
        trainer.append(features(given), labels)
    trainer.set_params(TRAINING)
    raw = target.with_suffix("")
    trainer.train(str(raw))
    # Without a time stamp, so that the same examples give the same file.
    target.write_bytes(gzip.compress(raw.read_bytes(), mtime=0))
    raw.unlink()
    _tagger.cache_clear()
    _weights.cache_clear()


def read_examples(path: Path) -> list[tuple[list[str], list[str]]]:
    """Return the labelled addresses in ``path`` (CoNLL: a token and its label a line, .gz)."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        blocks = file.read().split("\n\n")
    found = []
    for block in blocks:
        rows = [line.rsplit(" ", 1) for line in block.splitlines() if line.strip()]
        if rows:
            found.append(([row[0] for row in rows], [_plain(row[1]) for row in rows]))
    return found


def _plain(label: str) -> str:
    # The corpus writes devZone and subRoad in two ways.
    return label[:2] + label[2:].lower() if label != "O" else label


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well a file of labelled addresses is split: shares from 0 to 1."""

    precision: float
    recall: float
    whole: float

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def judge(
    examples: Sequence[tuple[Sequence[str], Sequence[str]]], *, without: Sequence[str] = ()
) -> Judgement:
    """Split the plain text of each example and hold the elements against the given ones.

    An element counts if label, text and place are right; ``whole`` is the share of addresses
    without any difference.
    """
    hits = found = wanted = whole = 0
    for given, labels in examples:
        truth = {e for e in elements(given, labels) if e.label not in without}
        ours = {e for e in split("".join(given)) if e.label not in without}
        hits, found, wanted = hits + len(truth & ours), found + len(ours), wanted + len(truth)
        whole += truth == ours
    return Judgement(hits / found, hits / wanted, whole / len(examples))
