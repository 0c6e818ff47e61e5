"""Versions of schemes, frozen periods, appeals of a score, marks from outside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
NOW = text("now()")
BOARDS = (
    "'departments','districts','streets','communities','cells',"
    "'inspectors','agents','shift_leaders','dispatchers'"
)
PERMISSIONS = {
    "shift_leader": ("evaluation.appeal",),
    "department": ("evaluation.appeal",),
    "evaluator": (
        "evaluation.sign",
        "evaluation.design",
        "evaluation.review",
        "evaluation.outside",
    ),
    "leader": ("evaluation.sign", "evaluation.review"),
    "commander": ("evaluation.sign", "evaluation.review"),
    "admin": ("evaluation.design", "evaluation.outside"),
}
# A published scheme is what scores were computed by: it stays as it was read by everyone.
GUARD = """
CREATE FUNCTION keep_published_scheme() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'published' THEN
        RAISE EXCEPTION 'scheme % version % is published', OLD.code, OLD.version
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_scheme_stays';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER published_stays BEFORE UPDATE OR DELETE ON schemes
    FOR EACH ROW EXECUTE FUNCTION keep_published_scheme();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON schemes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON frozen_periods
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON frozen_periods
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Make the tables; the standard's schemes come anew, in the form that has versions."""
    op.drop_table("schemes")
    _schemes()
    _periods()
    _appeals()
    _outside()
    op.execute(GUARD)
    for post, permissions in PERMISSIONS.items():
        for permission in permissions:
            op.execute(
                "INSERT INTO post_permissions (post, permission)"
                f" SELECT code, '{permission}' FROM posts WHERE code = '{post}'"
                " ON CONFLICT DO NOTHING"
            )


def _time(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), **more)


def _word(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.String(), **more)


def _whole(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.Integer(), **more)


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def _board(table: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"board IN ({BOARDS})", name=op.f(f"ck_{table}_board_known"))


def _schemes() -> None:
    op.create_table(
        "schemes",
        _id(),
        _word("code", nullable=False),
        _whole("version", nullable=False),
        _word("object", nullable=False),
        _word("name", nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        _word("state", server_default="draft", nullable=False),
        _whole("revision", server_default=text("0"), nullable=False),
        _whole("created_by"),
        _time("created_at", server_default=NOW, nullable=False),
        _whole("published_by"),
        _time("published_at"),
        sa.CheckConstraint("state IN ('draft','published')", name=op.f("ck_schemes_state_known")),
        sa.CheckConstraint(
            "(state = 'published') = (published_at IS NOT NULL)",
            name=op.f("ck_schemes_published_when"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schemes")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_schemes_code_version")),
    )
    op.create_index(
        "uq_schemes_one_draft",
        "schemes",
        ["code"],
        unique=True,
        postgresql_where=text("state = 'draft'"),
    )
    op.create_table(
        "scheme_defaults",
        _word("object", nullable=False),
        _word("code", nullable=False),
        sa.PrimaryKeyConstraint("object", name=op.f("pk_scheme_defaults")),
    )


def _periods() -> None:
    op.create_table(
        "period_proposals",
        _id(),
        _word("board", nullable=False),
        _word("period", nullable=False),
        _word("scheme", nullable=False),
        _whole("scheme_version", nullable=False),
        _word("inputs", nullable=False),
        _word("result", nullable=False),
        _word("digest", nullable=False),
        _whole("person_id", nullable=False),
        _time("at", nullable=False),
        _board("period_proposals"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_proposals")),
        sa.UniqueConstraint("board", "period", name=op.f("uq_period_proposals_board_period")),
    )
    op.create_table(
        "frozen_periods",
        _id(),
        _word("board", nullable=False),
        _word("period", nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        _whole("version", nullable=False),
        _word("scheme", nullable=False),
        _whole("scheme_version", nullable=False),
        _word("inputs", nullable=False),
        _word("result", nullable=False),
        _word("digest", nullable=False),
        _whole("proposed_by", nullable=False),
        _time("proposed_at", nullable=False),
        _whole("signed_by", nullable=False),
        _time("signed_at", nullable=False),
        _board("frozen_periods"),
        sa.CheckConstraint("proposed_by <> signed_by", name=op.f("ck_frozen_periods_two_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_periods")),
        sa.UniqueConstraint(
            "board", "period", "version", name=op.f("uq_frozen_periods_board_period_version")
        ),
    )


def _appeals() -> None:
    op.create_table(
        "score_appeals",
        _id(),
        _word("board", nullable=False),
        _word("object", nullable=False),
        _word("period", nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        _word("indicator", nullable=False),
        sa.Column("case_id", sa.BigInteger()),
        _word("reason", nullable=False),
        _word("state", server_default="open", nullable=False),
        _whole("lodged_by", nullable=False),
        _time("lodged_at", nullable=False),
        _whole("first_by"),
        _time("first_at"),
        _word("first_reason", server_default="", nullable=False),
        _whole("second_by"),
        _time("second_at"),
        _word("second_reason", server_default="", nullable=False),
        _board("score_appeals"),
        sa.CheckConstraint(
            "state IN ('open','supported','granted','refused')",
            name=op.f("ck_score_appeals_state_known"),
        ),
        sa.CheckConstraint("first_by <> second_by", name=op.f("ck_score_appeals_two_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_appeals")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_score_appeals_case_id_cases")
        ),
    )
    op.create_index("ix_score_appeals_board_begins", "score_appeals", ["board", "begins"])
    op.create_index(
        "uq_score_appeals_once",
        "score_appeals",
        ["board", "object", "period", "indicator", text("coalesce(case_id, 0)")],
        unique=True,
    )


def _outside() -> None:
    op.create_table(
        "outside_marks",
        _id(),
        _word("kind", nullable=False),
        _word("board", nullable=False),
        _word("object", nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(12, 4), nullable=False),
        _whole("n", server_default=text("1"), nullable=False),
        _word("note", server_default="", nullable=False),
        _whole("person_id", nullable=False),
        _time("at", server_default=NOW, nullable=False),
        _whole("withdrawn_by"),
        _time("withdrawn_at"),
        _board("outside_marks"),
        sa.CheckConstraint(
            "kind IN ('satisfaction','media','leader_mark','questionnaire')",
            name=op.f("ck_outside_marks_kind_known"),
        ),
        sa.CheckConstraint("value >= 0 AND n > 0", name=op.f("ck_outside_marks_value_sound")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_marks")),
    )
    op.create_index(
        "ix_outside_marks_board_day",
        "outside_marks",
        ["board", "day"],
        postgresql_where=text("withdrawn_at IS NULL"),
    )
