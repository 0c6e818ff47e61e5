"""Departments, posts and the people in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import Base

NOW = text("now()")


class Department(Base):
    """A body that handles cases (专业部门), known by its code."""

    __tablename__ = "departments"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int] = mapped_column(server_default=text("0"))
    handles: Mapped[bool] = mapped_column(server_default=text("true"))


class Post(Base):
    """A post (岗位) and the order it is listed in."""

    __tablename__ = "posts"

    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class PostPermission(Base):
    """One permission that a post holds."""

    __tablename__ = "post_permissions"

    post: Mapped[str] = mapped_column(ForeignKey("posts.code"), primary_key=True)
    permission: Mapped[str] = mapped_column(primary_key=True)


class Person(Base):
    """Someone who signs in; ``area`` is a prefix of cell codes, empty for the whole city."""

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_post", "post"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    post: Mapped[str] = mapped_column(ForeignKey("posts.code"))
    department: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    area: Mapped[str] = mapped_column(server_default=text("''"))
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    locale: Mapped[str | None]
    theme: Mapped[str] = mapped_column(server_default=text("'auto'"))
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None]


class SignIn(Base):
    """One open session; only the hash of its token is kept."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("ix_sign_ins_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    csrf: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
