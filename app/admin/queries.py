"""What the overview of the administrators' pages asks of the whole city."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalogue.queries import handbook
from app.kernel import sql
from app.workflow import queries as flows

FOUND = text(sql.read(Path(__file__).parent, "first_steps"))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of founding a city: its name, where it is done, and whether it is done."""

    name: str
    address: str
    done: bool


STEPS = {
    "divisions": "/admin/places#areas",
    "areas": "/admin/places#areas",
    "base_map": "/admin/layers#import-base",
    "cells": "/admin/places#areas",
    "addresses": "/admin/addresses#import",
    "parts": "/admin/parts",
    "beats": "/admin/places#beats",
}
"""The steps in the order in which each builds on those before it, and their pages."""


def first_steps(session: Session) -> list[Step]:
    """Return the steps that make an empty database a city, in order; done ones are ticked."""
    found = session.execute(FOUND).one()._mapping
    return [Step(name, address, found[name]) for name, address in STEPS.items()]


def state_labels(session: Session) -> dict[str, str]:
    """Return the states of the present flow that a clock runs in, with their names."""
    flow = flows.current(session, handbook(session).version)
    return {name: state.label for name, state in flow.states.items() if not state.end}
