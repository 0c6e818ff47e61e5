"""Urging, supervision orders, escalation, notices and their ways out, the journal's anchors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
PERMISSIONS = {
    "dispatcher": ("case.urge",),
    "shift_leader": ("case.urge", "case.instruct"),
    "leader": ("case.urge", "case.instruct"),
    "commander": ("case.urge", "case.instruct"),
    "admin": ("escalation.edit",),
}
NOW = text("now()")


def upgrade() -> None:
    """Make the tables; what may only be added is guarded as the journal is."""
    _pressure()
    _escalation()
    _notices()
    _deliveries()
    _anchors()
    op.create_index(
        "ix_cases_open_amber",
        "cases",
        ["amber_at"],
        postgresql_where=text("closed_at IS NULL AND amber_at IS NOT NULL"),
    )
    for post, permissions in PERMISSIONS.items():
        for permission in permissions:
            op.execute(
                "INSERT INTO post_permissions (post, permission)"
                f" SELECT code, '{permission}' FROM posts WHERE code = '{post}'"
                " ON CONFLICT DO NOTHING"
            )


def _time(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), **more)


def _number(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), **more)


def _whole(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.Integer(), **more)


def _small(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.SmallInteger(), **more)


def _word(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.String(), **more)


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)


def _pressure() -> None:
    op.create_table(
        "case_urges",
        _id(),
        _number("case_id", nullable=False),
        _whole("person_id", nullable=False),
        _word("words", nullable=False),
        _time("at", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_urges")),
        _refers("case_urges", "case_id", "cases"),
    )
    op.create_index("ix_case_urges_case_id", "case_urges", ["case_id", "person_id", "at"])
    op.create_table(
        "case_orders",
        _id(),
        sa.Column("uid", sa.Uuid(), server_default=text("gen_random_uuid()"), nullable=False),
        _number("case_id", nullable=False),
        _whole("giver_id", nullable=False),
        _word("words", nullable=False),
        sa.Column("limit_value", sa.Float(), nullable=False),
        _word("limit_unit", nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        _word("department"),
        _word("state", server_default="open", nullable=False),
        _small("rounds", server_default=text("1"), nullable=False),
        _time("given_at", nullable=False),
        _time("clock_at", nullable=False),
        _time("amber_at", nullable=False),
        _time("due_at", nullable=False),
        _time("answered_at"),
        _time("ended_at"),
        sa.Column("late", sa.Boolean(), server_default=text("false"), nullable=False),
        sa.CheckConstraint(
            "state IN ('open','answered','ended')", name=op.f("ck_case_orders_state_known")
        ),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_case_orders_weight_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_orders")),
        sa.UniqueConstraint("uid", name=op.f("uq_case_orders_uid")),
        _refers("case_orders", "case_id", "cases"),
    )
    op.create_index("ix_case_orders_case_id", "case_orders", ["case_id", "id"])
    op.create_index(
        "ix_case_orders_open", "case_orders", ["due_at"], postgresql_where=text("state = 'open'")
    )
    op.create_index(
        "ix_case_orders_running",
        "case_orders",
        ["case_id"],
        postgresql_where=text("state <> 'ended'"),
    )


def _escalation() -> None:
    op.create_table(
        "escalation_rules",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        _small("rung", nullable=False),
        _word("subject", nullable=False),
        _word("state", server_default="", nullable=False),
        _word("since", nullable=False),
        sa.Column("after_value", sa.Float(), nullable=False),
        _word("after_unit", nullable=False),
        _word("reader", nullable=False),
        _word("who", server_default="", nullable=False),
        _word("channel", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=text("true"), nullable=False),
        sa.CheckConstraint(
            "subject IN ('case','order')", name=op.f("ck_escalation_rules_subject_known")
        ),
        sa.CheckConstraint(
            "since IN ('amber','due')", name=op.f("ck_escalation_rules_since_known")
        ),
        sa.CheckConstraint(
            "reader IN ('post','department','person')",
            name=op.f("ck_escalation_rules_reader_known"),
        ),
        sa.CheckConstraint(
            "channel IN ('app','email','sms')", name=op.f("ck_escalation_rules_channel_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_rules")),
    )
    op.create_table(
        "escalations",
        _id(),
        _whole("rule_id", nullable=False),
        _number("case_id", nullable=False),
        _number("order_id", server_default=text("0"), nullable=False),
        _time("clock_at", nullable=False),
        _time("at", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        _refers("escalations", "case_id", "cases"),
    )
    op.create_index(
        "uq_escalations_case_id_order_id_clock_at_rule_id",
        "escalations",
        ["case_id", "order_id", "clock_at", "rule_id"],
        unique=True,
    )


def _notices() -> None:
    op.create_table(
        "notices",
        _id(),
        _whole("reader_id", nullable=False),
        _word("cause", nullable=False),
        _word("kind", nullable=False),
        _number("case_id"),
        _number("step_id"),
        _word("words", nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
        _time("at", server_default=NOW, nullable=False),
        _time("read_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(
        "uq_notices_reader_id_cause_kind", "notices", ["reader_id", "cause", "kind"], unique=True
    )
    op.create_index("ix_notices_reader_id", "notices", ["reader_id", "id"])
    op.create_index(
        "ix_notices_unread", "notices", ["reader_id", "id"], postgresql_where=text("read_at IS NULL")
    )
    op.create_table(
        "notice_cursor",
        sa.Column("only", sa.Boolean(), server_default=text("true"), nullable=False),
        _number("seq", server_default=text("0"), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_notice_cursor")),
    )
    # What happened before there were notices is not told now.
    op.execute("INSERT INTO notice_cursor (seq) SELECT coalesce(max(last), 0) FROM feed_head")


def _deliveries() -> None:
    op.create_table(
        "contacts",
        _whole("person_id", autoincrement=False, nullable=False),
        _word("email", server_default="", nullable=False),
        _word("phone", server_default="", nullable=False),
        sa.Column("by_email", sa.Boolean(), server_default=text("false"), nullable=False),
        sa.Column("by_sms", sa.Boolean(), server_default=text("false"), nullable=False),
        sa.Column("quiet_from", sa.Time()),
        sa.Column("quiet_to", sa.Time()),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_contacts")),
    )
    op.create_table(
        "deliveries",
        _id(),
        _number("notice_id", nullable=False),
        _word("channel", nullable=False),
        _word("address_hash", server_default="", nullable=False),
        _word("state", server_default="waiting", nullable=False),
        _small("tries", server_default=text("0"), nullable=False),
        _time("run_at", server_default=NOW, nullable=False),
        _time("sent_at"),
        _word("error", server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting','sent','dead','off')", name=op.f("ck_deliveries_state_known")
        ),
        sa.CheckConstraint(
            "channel IN ('email','sms')", name=op.f("ck_deliveries_channel_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        _refers("deliveries", "notice_id", "notices"),
    )
    op.create_index(
        "uq_deliveries_notice_id_channel", "deliveries", ["notice_id", "channel"], unique=True
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["run_at", "id"],
        postgresql_where=text("state = 'waiting'"),
    )


def _anchors() -> None:
    op.create_table(
        "journal_anchors",
        sa.Column("day", sa.Date(), nullable=False),
        _number("first_id", nullable=False),
        _number("last_id", nullable=False),
        _number("steps", nullable=False),
        _word("sha256", nullable=False),
        _word("heads", nullable=False),
        _word("former", nullable=False),
        _word("anchor", nullable=False),
        _time("at", server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_journal_anchors")),
    )
    for table in ("journal_anchors", "case_urges"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
