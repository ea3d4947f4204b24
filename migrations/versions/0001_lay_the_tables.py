"""Lay the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Keys are bigints on PostgreSQL and the rowid on SQLite.
BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def sort_text(length: int) -> sa.String:
    """Text compared byte by byte on both databases."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.String(length=60), nullable=False),
        sa.Column("actor_role", sa.String(length=30), nullable=False),
        sa.Column("via", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("firm_id", sa.BigInteger(), nullable=True),
        sa.Column("batch", sa.String(length=60), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_actor_id"), "audit_entries", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"], unique=False)
    op.create_index("ix_audit_entries_firm_id_id", "audit_entries", ["firm_id", "id"], unique=False)
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject_type", "subject_id"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seal_no", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_seals",
        sa.Column("seal_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seal_no", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_seals_entry_id")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", BigId, nullable=False),
        sa.Column("natural_key", sa.String(length=160), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("phase", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=80), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("queue_text", sa.String(length=300), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("body_text", sa.Text(), nullable=True),
        sa.Column("body_html", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("message_id", name=op.f("uq_deliveries_message_id")),
        sa.UniqueConstraint("natural_key", name=op.f("uq_deliveries_natural_key")),
    )
    op.create_index("ix_deliveries_day_id", "deliveries", ["day", "id"], unique=False)
    op.create_index(op.f("ix_deliveries_recipient"), "deliveries", ["recipient"], unique=False)
    op.create_index("ix_deliveries_state_next_at_id", "deliveries", ["state", "next_at", "id"], unique=False)
    op.create_table(
        "firm_tallies",
        sa.Column("id", BigId, nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("township_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("has_code", sa.Boolean(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_tallies")),
    )
    op.create_table(
        "mail_channel",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.String(length=300), nullable=True),
        sa.Column("released_for", sa.String(length=200), nullable=True),
        sa.Column("next_slot_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_channel")),
    )
    op.create_table(
        "reminder_policies",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("leads", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_policies")),
        sa.UniqueConstraint("kind", "channel", name=op.f("uq_reminder_policies_kind_channel")),
    )
    op.create_table(
        "reporting_units",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("parent_codes", sa.String(length=120), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_units")),
        sa.UniqueConstraint("code", name=op.f("uq_reporting_units_code")),
        sa.UniqueConstraint("name", name=op.f("uq_reporting_units_name")),
    )
    op.create_table(
        "sign_in_throttles",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_throttles")),
        sa.UniqueConstraint("key", name=op.f("uq_sign_in_throttles_key")),
    )
    op.create_table(
        "task_runs",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("host", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_runs")),
        sa.UniqueConstraint("name", name=op.f("uq_task_runs_name")),
    )
    op.create_table(
        "territories",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=True),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("parent_id", BigId, nullable=True),
        sa.Column("path", sort_text(120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_id", BigId, nullable=True),
        sa.Column("lead_user_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["territories.id"], name=op.f("fk_territories_parent_id")),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["territories.id"], name=op.f("fk_territories_successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territories")),
        sa.UniqueConstraint("code", name=op.f("uq_territories_code")),
        sa.UniqueConstraint("parent_id", "name", name=op.f("uq_territories_parent_id_name")),
    )
    op.create_index(op.f("ix_territories_parent_id"), "territories", ["parent_id"], unique=False)
    op.create_index(op.f("ix_territories_path"), "territories", ["path"], unique=False)
    op.create_table(
        "delivery_attempts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("delivery_id", BigId, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("phase", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_attempts_delivery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
        sa.UniqueConstraint("delivery_id", "attempt", name=op.f("uq_delivery_attempts_delivery_id_attempt")),
    )
    op.create_index(
        op.f("ix_delivery_attempts_delivery_id"), "delivery_attempts", ["delivery_id"], unique=False
    )
    op.create_table(
        "import_batches",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("stored_name", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("territory_id", BigId, nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=True),
        sa.Column("problems", sa.Text(), nullable=True),
        sa.Column("preview", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=False),
        sa.Column("cancel_wanted", sa.Boolean(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territories.id"], name=op.f("fk_import_batches_territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
    )
    op.create_index(op.f("ix_import_batches_created_by"), "import_batches", ["created_by"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("territory_id", BigId, nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("encoding", sa.String(length=20), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_by_name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territories.id"], name=op.f("fk_submissions_territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
    )
    op.create_index("ix_submissions_profile_id", "submissions", ["profile", "id"], unique=False)
    op.create_index(op.f("ix_submissions_territory_id"), "submissions", ["territory_id"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("territory_id", BigId, nullable=False),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("theme", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_users_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_index(op.f("ix_users_territory_id"), "users", ["territory_id"], unique=False)
    op.create_table(
        "firms",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_normal", sort_text(200), nullable=False),
        sa.Column("name_order", sort_text(400), nullable=False),
        sa.Column("code", sort_text(18), nullable=True),
        sa.Column("code_problem", sa.String(length=20), nullable=True),
        sa.Column("district_id", BigId, nullable=False),
        sa.Column("township_id", BigId, nullable=True),
        sa.Column("reporting_unit_id", BigId, nullable=True),
        sa.Column("development_zone_hint", sa.String(length=200), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("firm_type", sa.String(length=100), nullable=True),
        sa.Column(
            "registered_capital", sa.Numeric(18, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True
        ),
        sa.Column("capital_currency", sa.String(length=3), nullable=True),
        sa.Column("is_branch", sa.Boolean(), nullable=False),
        sa.Column("industry", sa.String(length=100), nullable=True),
        sa.Column("hnte_field", sa.String(length=60), nullable=True),
        sa.Column("business_scope", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("archived_on", sa.Date(), nullable=True),
        sa.Column("archive_reason", sa.String(length=200), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("due_order", sa.Date(), nullable=False),
        sa.Column("next_due_kind", sa.String(length=40), nullable=True),
        sa.Column("last_activity_on", sa.Date(), nullable=True),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["territories.id"], name=op.f("fk_firms_district_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_firms_owner_id")),
        sa.ForeignKeyConstraint(
            ["reporting_unit_id"], ["reporting_units.id"], name=op.f("fk_firms_reporting_unit_id")
        ),
        sa.ForeignKeyConstraint(["township_id"], ["territories.id"], name=op.f("fk_firms_township_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firms")),
        sa.UniqueConstraint("code", name=op.f("uq_firms_code")),
    )
    op.create_index(
        "ix_firms_district_due", "firms", ["district_id", "is_archived", "due_order", "id"], unique=False
    )
    op.create_index(
        "ix_firms_district_name", "firms", ["district_id", "is_archived", "name_order", "id"], unique=False
    )
    op.create_index("ix_firms_list_created", "firms", ["is_archived", "created_at", "id"], unique=False)
    op.create_index("ix_firms_list_due", "firms", ["is_archived", "due_order", "id"], unique=False)
    op.create_index("ix_firms_list_name", "firms", ["is_archived", "name_order", "id"], unique=False)
    op.create_index(op.f("ix_firms_name_normal"), "firms", ["name_normal"], unique=False)
    op.create_index(
        "ix_firms_owner_due", "firms", ["owner_id", "is_archived", "due_order", "id"], unique=False
    )
    op.create_index("ix_firms_rung_name", "firms", ["rung", "is_archived", "name_order", "id"], unique=False)
    op.create_index(
        "ix_firms_township_name", "firms", ["township_id", "is_archived", "name_order", "id"], unique=False
    )
    op.create_table(
        "login_sessions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=30), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_login_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_sessions_token_hash")),
    )
    op.create_index(op.f("ix_login_sessions_user_id"), "login_sessions", ["user_id"], unique=False)
    op.create_table(
        "activities",
        sa.Column("id", BigId, nullable=False),
        sa.Column("firm_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("firm_people", sa.String(length=200), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("next_step", sa.String(length=200), nullable=True),
        sa.Column("next_step_due", sa.Date(), nullable=True),
        sa.Column("next_step_done_on", sa.Date(), nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("form_key", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_activities_firm_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_activities_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sa.UniqueConstraint("form_key", name=op.f("uq_activities_form_key")),
    )
    op.create_index(
        "ix_activities_firm_id_happened_on", "activities", ["firm_id", "happened_on"], unique=False
    )
    op.create_index(
        "ix_activities_user_id_next_step_due", "activities", ["user_id", "next_step_due"], unique=False
    )
    op.create_table(
        "certifications",
        sa.Column("id", BigId, nullable=False),
        sa.Column("firm_id", BigId, nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("number_normal", sort_text(60), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("update_due", sa.Date(), nullable=True),
        sa.Column("cohort", sa.String(length=60), nullable=True),
        sa.Column("authority", sa.String(length=100), nullable=True),
        sa.Column("revoked_from", sa.Date(), nullable=True),
        sa.Column("revoke_reason", sa.String(length=300), nullable=True),
        sa.Column("renews_id", BigId, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_certifications_firm_id")),
        sa.ForeignKeyConstraint(
            ["renews_id"], ["certifications.id"], name=op.f("fk_certifications_renews_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certifications")),
        sa.UniqueConstraint("renews_id", name=op.f("uq_certifications_renews_id")),
        sa.UniqueConstraint("scheme", "number_normal", name=op.f("uq_certifications_scheme_number_normal")),
    )
    op.create_index(op.f("ix_certifications_firm_id"), "certifications", ["firm_id"], unique=False)
    op.create_index(
        "ix_certifications_scheme_valid_to", "certifications", ["scheme", "valid_to"], unique=False
    )
    op.create_index("ix_certifications_valid_to", "certifications", ["valid_to"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("firm_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("email_problem", sa.String(length=40), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_contacts_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_firm_id"), "contacts", ["firm_id"], unique=False)
    op.create_table(
        "deadlines",
        sa.Column("id", BigId, nullable=False),
        sa.Column("firm_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("source_type", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("moved_from", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(length=300), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("settled_by", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_deadlines_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
        sa.UniqueConstraint(
            "kind",
            "source_type",
            "source_id",
            "period",
            name=op.f("uq_deadlines_kind_source_type_source_id_period"),
        ),
    )
    op.create_index("ix_deadlines_firm_id_due_on", "deadlines", ["firm_id", "due_on"], unique=False)
    op.create_index("ix_deadlines_source", "deadlines", ["source_type", "source_id"], unique=False)
    op.create_index("ix_deadlines_state_due_on_id", "deadlines", ["state", "due_on", "id"], unique=False)
    op.create_table(
        "firm_search_keys",
        sa.Column("id", BigId, nullable=False),
        sa.Column("suffix", sort_text(40), nullable=False),
        sa.Column("firm_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_firm_search_keys_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_search_keys")),
    )
    op.create_index(op.f("ix_firm_search_keys_firm_id"), "firm_search_keys", ["firm_id"], unique=False)
    op.create_index(
        "ix_firm_search_keys_suffix_firm_id", "firm_search_keys", ["suffix", "firm_id"], unique=False
    )
    op.create_table(
        "former_names",
        sa.Column("id", BigId, nullable=False),
        sa.Column("firm_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_normal", sort_text(200), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_former_names_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_names")),
        sa.UniqueConstraint("firm_id", "name_normal", name=op.f("uq_former_names_firm_id_name_normal")),
    )
    op.create_index(op.f("ix_former_names_firm_id"), "former_names", ["firm_id"], unique=False)
    op.create_index(op.f("ix_former_names_name_normal"), "former_names", ["name_normal"], unique=False)
    op.create_table(
        "support_plans",
        sa.Column("id", BigId, nullable=False),
        sa.Column("firm_id", BigId, nullable=False),
        sa.Column("target_rung", sa.Integer(), nullable=False),
        sa.Column("target_year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firms.id"], name=op.f("fk_support_plans_firm_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_support_plans_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_plans")),
        sa.UniqueConstraint(
            "firm_id",
            "target_rung",
            "target_year",
            name=op.f("uq_support_plans_firm_id_target_rung_target_year"),
        ),
    )
    op.create_index(op.f("ix_support_plans_firm_id"), "support_plans", ["firm_id"], unique=False)
    op.create_index(op.f("ix_support_plans_owner_id"), "support_plans", ["owner_id"], unique=False)
    op.create_index(op.f("ix_support_plans_state"), "support_plans", ["state"], unique=False)
    op.create_table(
        "plan_goals",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("value_from", sa.String(length=40), nullable=True),
        sa.Column("value_to", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["support_plans.id"], name=op.f("fk_plan_goals_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_goals")),
    )
    op.create_index(op.f("ix_plan_goals_plan_id"), "plan_goals", ["plan_id"], unique=False)
    op.create_table(
        "plan_measures",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("responsible_id", BigId, nullable=True),
        sa.Column("partner", sa.String(length=120), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.Numeric(18, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["support_plans.id"], name=op.f("fk_plan_measures_plan_id")),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["users.id"], name=op.f("fk_plan_measures_responsible_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_measures")),
    )
    op.create_index(op.f("ix_plan_measures_plan_id"), "plan_measures", ["plan_id"], unique=False)
    op.create_table(
        "plan_versions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["support_plans.id"], name=op.f("fk_plan_versions_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("plan_id", "version_no", name=op.f("uq_plan_versions_plan_id_version_no")),
    )
    op.create_table(
        "reminders",
        sa.Column("id", BigId, nullable=False),
        sa.Column("deadline_id", BigId, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("send_on", sa.Date(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("delivery_id", BigId, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadlines.id"], name=op.f("fk_reminders_deadline_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_reminders_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "deadline_id",
            "due_on",
            "lead_days",
            "recipient",
            "channel",
            name=op.f("uq_reminders_deadline_id_due_on_lead_days_recipient_channel"),
        ),
    )
    op.create_index(op.f("ix_reminders_delivery_id"), "reminders", ["delivery_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_reminders_delivery_id"), table_name="reminders")
    op.drop_table("reminders")
    op.drop_table("plan_versions")
    op.drop_index(op.f("ix_plan_measures_plan_id"), table_name="plan_measures")
    op.drop_table("plan_measures")
    op.drop_index(op.f("ix_plan_goals_plan_id"), table_name="plan_goals")
    op.drop_table("plan_goals")
    op.drop_index(op.f("ix_support_plans_state"), table_name="support_plans")
    op.drop_index(op.f("ix_support_plans_owner_id"), table_name="support_plans")
    op.drop_index(op.f("ix_support_plans_firm_id"), table_name="support_plans")
    op.drop_table("support_plans")
    op.drop_index(op.f("ix_former_names_name_normal"), table_name="former_names")
    op.drop_index(op.f("ix_former_names_firm_id"), table_name="former_names")
    op.drop_table("former_names")
    op.drop_index("ix_firm_search_keys_suffix_firm_id", table_name="firm_search_keys")
    op.drop_index(op.f("ix_firm_search_keys_firm_id"), table_name="firm_search_keys")
    op.drop_table("firm_search_keys")
    op.drop_index("ix_deadlines_state_due_on_id", table_name="deadlines")
    op.drop_index("ix_deadlines_source", table_name="deadlines")
    op.drop_index("ix_deadlines_firm_id_due_on", table_name="deadlines")
    op.drop_table("deadlines")
    op.drop_index(op.f("ix_contacts_firm_id"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index("ix_certifications_valid_to", table_name="certifications")
    op.drop_index("ix_certifications_scheme_valid_to", table_name="certifications")
    op.drop_index(op.f("ix_certifications_firm_id"), table_name="certifications")
    op.drop_table("certifications")
    op.drop_index("ix_activities_user_id_next_step_due", table_name="activities")
    op.drop_index("ix_activities_firm_id_happened_on", table_name="activities")
    op.drop_table("activities")
    op.drop_index(op.f("ix_login_sessions_user_id"), table_name="login_sessions")
    op.drop_table("login_sessions")
    op.drop_index("ix_firms_township_name", table_name="firms")
    op.drop_index("ix_firms_rung_name", table_name="firms")
    op.drop_index("ix_firms_owner_due", table_name="firms")
    op.drop_index(op.f("ix_firms_name_normal"), table_name="firms")
    op.drop_index("ix_firms_list_name", table_name="firms")
    op.drop_index("ix_firms_list_due", table_name="firms")
    op.drop_index("ix_firms_list_created", table_name="firms")
    op.drop_index("ix_firms_district_name", table_name="firms")
    op.drop_index("ix_firms_district_due", table_name="firms")
    op.drop_table("firms")
    op.drop_index(op.f("ix_users_territory_id"), table_name="users")
    op.drop_table("users")
    op.drop_index(op.f("ix_submissions_territory_id"), table_name="submissions")
    op.drop_index("ix_submissions_profile_id", table_name="submissions")
    op.drop_table("submissions")
    op.drop_index(op.f("ix_import_batches_created_by"), table_name="import_batches")
    op.drop_table("import_batches")
    op.drop_index(op.f("ix_delivery_attempts_delivery_id"), table_name="delivery_attempts")
    op.drop_table("delivery_attempts")
    op.drop_index(op.f("ix_territories_path"), table_name="territories")
    op.drop_index(op.f("ix_territories_parent_id"), table_name="territories")
    op.drop_table("territories")
    op.drop_table("task_runs")
    op.drop_table("sign_in_throttles")
    op.drop_table("reporting_units")
    op.drop_table("reminder_policies")
    op.drop_table("mail_channel")
    op.drop_table("firm_tallies")
    op.drop_index("ix_deliveries_state_next_at_id", table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_recipient"), table_name="deliveries")
    op.drop_index("ix_deliveries_day_id", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_table("audit_seals")
    op.drop_table("audit_head")
    op.drop_index("ix_audit_entries_subject", table_name="audit_entries")
    op.drop_index("ix_audit_entries_firm_id_id", table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_at"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_actor_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
