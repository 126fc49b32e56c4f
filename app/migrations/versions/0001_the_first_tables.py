"""the first tables"""

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "business_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset_seconds", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_business_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_clock")),
    )
    op.create_table(
        "install_states",
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("expires_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_install_states")),
    )
    op.create_table(
        "tenants",
        sa.Column("hub_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("test_account", sa.Boolean(), nullable=False),
        sa.Column("installed_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("installer_user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("hub_id", name=op.f("uq_tenants_hub_id")),
    )
    op.create_table(
        "colleague_sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("user_email", sa.String(), nullable=False),
        sa.Column("expires_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_colleague_sessions_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colleague_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_colleague_sessions_token_hash")),
    )
    with op.batch_alter_table("colleague_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_colleague_sessions_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "connections",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("account_name", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("expires_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("refresh_lease_until", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("refreshed", sa.Integer(), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_connections_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint("public_id", name=op.f("uq_connections_public_id")),
        sa.UniqueConstraint(
            "tenant_id", "provider", name=op.f("uq_connections_tenant_id_provider")
        ),
    )
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_connections_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "deals",
        sa.Column("hubspot_deal_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pushed_revision", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=True),
        sa.Column("snapshot_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("snapshot_clean", sa.Boolean(), nullable=False),
        sa.Column("stage_problem", sa.Text(), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_deals_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sa.UniqueConstraint(
            "tenant_id", "hubspot_deal_id", name=op.f("uq_deals_tenant_id_hubspot_deal_id")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_deals_tenant_id_id")),
    )
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deals_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "messages",
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("operation_key", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("available_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lease_until", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_messages_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_messages_dedupe_key")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_messages_due",
            ["available_at"],
            unique=False,
            sqlite_where=sa.text("status IN ('pending', 'leased')"),
            postgresql_where=sa.text("status IN ('pending', 'leased')"),
        )
        batch_op.create_index(
            "uq_messages_one_leased",
            ["tenant_id", "subject"],
            unique=True,
            sqlite_where=sa.text("status = 'leased' AND subject IS NOT NULL"),
            postgresql_where=sa.text("status = 'leased' AND subject IS NOT NULL"),
        )

    op.create_table(
        "pauses",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("until", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_pauses_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "provider", name=op.f("pk_pauses")),
    )
    op.create_table(
        "portal_owners",
        sa.Column("hubspot_owner_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("read_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_portal_owners_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_owners")),
        sa.UniqueConstraint(
            "tenant_id",
            "hubspot_owner_id",
            name=op.f("uq_portal_owners_tenant_id_hubspot_owner_id"),
        ),
    )
    with op.batch_alter_table("portal_owners", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portal_owners_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "portal_tax_rates",
        sa.Column("hubspot_tax_rate_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("percentage", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("read_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_portal_tax_rates_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_tax_rates")),
        sa.UniqueConstraint(
            "tenant_id",
            "hubspot_tax_rate_id",
            name=op.f("uq_portal_tax_rates_tenant_id_hubspot_tax_rate_id"),
        ),
    )
    with op.batch_alter_table("portal_tax_rates", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_tax_rates_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "preferences",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("seller_name", sa.Text(), nullable=False),
        sa.Column("seller_address", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("validity_days", sa.Integer(), nullable=False),
        sa.Column("billing_label", sa.Text(), nullable=False),
        sa.Column("stage_sent", sa.String(), nullable=False),
        sa.Column("stage_accepted", sa.String(), nullable=False),
        sa.Column("stage_paid", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_preferences_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_preferences")),
    )
    op.create_table(
        "sign_in_links",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("user_email", sa.String(), nullable=False),
        sa.Column("expires_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_sign_in_links_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_links_token_hash")),
    )
    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_links_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "stripe_mirrors",
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("our_key", sa.Text(), nullable=False),
        sa.Column("stripe_id", sa.String(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("has_credit", sa.Boolean(), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_stripe_mirrors_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_mirrors")),
        sa.UniqueConstraint(
            "tenant_id",
            "stripe_account_id",
            "kind",
            "our_key",
            name=op.f("uq_stripe_mirrors_tenant_id_stripe_account_id_kind_our_key"),
        ),
    )
    with op.batch_alter_table("stripe_mirrors", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stripe_mirrors_tenant_id"), ["tenant_id"], unique=False
        )

    op.create_table(
        "proposal_requests",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("user_email", sa.String(), nullable=False),
        sa.Column("recipient_contact_id", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("requested_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["deals.tenant_id", "deals.id"],
            name=op.f("fk_proposal_requests_tenant_id_deal_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_proposal_requests_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_requests")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_proposal_requests_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "request_id", name=op.f("uq_proposal_requests_tenant_id_request_id")
        ),
    )
    with op.batch_alter_table("proposal_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_proposal_requests_tenant_id"), ["tenant_id"], unique=False
        )
        batch_op.create_index(
            "uq_proposal_requests_one_open",
            ["tenant_id", "deal_id"],
            unique=True,
            sqlite_where=sa.text("status = 'taken'"),
            postgresql_where=sa.text("status = 'taken'"),
        )

    op.create_table(
        "proposals",
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("document_hash", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("due_now_minor", sa.BigInteger(), nullable=False),
        sa.Column("recurring_minor", sa.BigInteger(), nullable=False),
        sa.Column("interval", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("recipient_email", sa.String(), nullable=False),
        sa.Column("rep_email", sa.String(), nullable=False),
        sa.Column("methods", sa.JSON(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("created_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("valid_until", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["deals.tenant_id", "deals.id"],
            name=op.f("fk_proposals_tenant_id_deal_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "request_id"],
            ["proposal_requests.tenant_id", "proposal_requests.id"],
            name=op.f("fk_proposals_tenant_id_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_proposals_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_proposals_public_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_proposals_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "year", "sequence", name=op.f("uq_proposals_tenant_id_year_sequence")
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_proposals_token_hash")),
    )
    with op.batch_alter_table("proposals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposals_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(
            "uq_proposals_one_open",
            ["tenant_id", "deal_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('draft', 'sent', 'accepted')"),
            postgresql_where=sa.text("status IN ('draft', 'sent', 'accepted')"),
        )

    op.create_table(
        "acceptances",
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document_hash", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("accepted_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ip_address", sa.String(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "proposal_id"],
            ["proposals.tenant_id", "proposals.id"],
            name=op.f("fk_acceptances_tenant_id_proposal_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_acceptances_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptances")),
        sa.UniqueConstraint(
            "tenant_id", "proposal_id", name=op.f("uq_acceptances_tenant_id_proposal_id")
        ),
    )
    with op.batch_alter_table("acceptances", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acceptances_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "purchases",
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("return_token_hash", sa.String(), nullable=False),
        sa.Column("sealed_return_token", sa.Text(), nullable=False),
        sa.Column("seen_waiting_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("page_number", sa.Integer(), nullable=False),
        sa.Column("stripe_session_id", sa.String(), nullable=True),
        sa.Column("billed_session_id", sa.String(), nullable=False),
        sa.Column("stripe_page_url", sa.Text(), nullable=False),
        sa.Column("page_expires_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("stripe_customer_id", sa.String(), nullable=False),
        sa.Column("stripe_payment_method_id", sa.String(), nullable=False),
        sa.Column("stripe_subscription_id", sa.String(), nullable=True),
        sa.Column("stripe_invoice_id", sa.String(), nullable=True),
        sa.Column("hosted_invoice_url", sa.Text(), nullable=False),
        sa.Column("accepted_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("newest_invoice_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("first_paid_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reminders_sent", sa.Integer(), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "proposal_id"],
            ["proposals.tenant_id", "proposals.id"],
            name=op.f("fk_purchases_tenant_id_proposal_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_purchases_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchases")),
        sa.UniqueConstraint("public_id", name=op.f("uq_purchases_public_id")),
        sa.UniqueConstraint("return_token_hash", name=op.f("uq_purchases_return_token_hash")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_purchases_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "proposal_id", name=op.f("uq_purchases_tenant_id_proposal_id")
        ),
    )
    with op.batch_alter_table("purchases", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchases_stripe_invoice_id"), ["stripe_invoice_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_purchases_stripe_session_id"), ["stripe_session_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_purchases_stripe_subscription_id"),
            ["stripe_subscription_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_purchases_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "stage_facts",
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("stage_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sending_since", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["deals.tenant_id", "deals.id"],
            name=op.f("fk_stage_facts_tenant_id_deal_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "proposal_id"],
            ["proposals.tenant_id", "proposals.id"],
            name=op.f("fk_stage_facts_tenant_id_proposal_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_stage_facts_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_facts")),
        sa.UniqueConstraint(
            "tenant_id",
            "proposal_id",
            "event",
            name=op.f("uq_stage_facts_tenant_id_proposal_id_event"),
        ),
    )
    with op.batch_alter_table("stage_facts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stage_facts_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "paid_invoices",
        sa.Column("purchase_id", sa.BigInteger(), nullable=False),
        sa.Column("stripe_invoice_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("paid_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_id"],
            ["purchases.tenant_id", "purchases.id"],
            name=op.f("fk_paid_invoices_tenant_id_purchase_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_paid_invoices_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paid_invoices")),
        sa.UniqueConstraint(
            "tenant_id",
            "stripe_invoice_id",
            name=op.f("uq_paid_invoices_tenant_id_stripe_invoice_id"),
        ),
    )
    with op.batch_alter_table("paid_invoices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paid_invoices_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "steps",
        sa.Column("purchase_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("operation_key", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("begun_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column(
            "tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_id"],
            ["purchases.tenant_id", "purchases.id"],
            name=op.f("fk_steps_tenant_id_purchase_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_steps_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint(
            "tenant_id", "operation_key", name=op.f("uq_steps_tenant_id_operation_key")
        ),
        sa.UniqueConstraint(
            "tenant_id", "purchase_id", "name", name=op.f("uq_steps_tenant_id_purchase_id_name")
        ),
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_steps_tenant_id"), ["tenant_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_steps_tenant_id"))

    op.drop_table("steps")
    with op.batch_alter_table("paid_invoices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paid_invoices_tenant_id"))

    op.drop_table("paid_invoices")
    with op.batch_alter_table("stage_facts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stage_facts_tenant_id"))

    op.drop_table("stage_facts")
    with op.batch_alter_table("purchases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchases_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_purchases_stripe_subscription_id"))
        batch_op.drop_index(batch_op.f("ix_purchases_stripe_session_id"))
        batch_op.drop_index(batch_op.f("ix_purchases_stripe_invoice_id"))

    op.drop_table("purchases")
    with op.batch_alter_table("acceptances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_acceptances_tenant_id"))

    op.drop_table("acceptances")
    with op.batch_alter_table("proposals", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_proposals_one_open",
            sqlite_where=sa.text("status IN ('draft', 'sent', 'accepted')"),
            postgresql_where=sa.text("status IN ('draft', 'sent', 'accepted')"),
        )
        batch_op.drop_index(batch_op.f("ix_proposals_tenant_id"))

    op.drop_table("proposals")
    with op.batch_alter_table("proposal_requests", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_proposal_requests_one_open",
            sqlite_where=sa.text("status = 'taken'"),
            postgresql_where=sa.text("status = 'taken'"),
        )
        batch_op.drop_index(batch_op.f("ix_proposal_requests_tenant_id"))

    op.drop_table("proposal_requests")
    with op.batch_alter_table("stripe_mirrors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stripe_mirrors_tenant_id"))

    op.drop_table("stripe_mirrors")
    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_links_tenant_id"))

    op.drop_table("sign_in_links")
    op.drop_table("preferences")
    with op.batch_alter_table("portal_tax_rates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_tax_rates_tenant_id"))

    op.drop_table("portal_tax_rates")
    with op.batch_alter_table("portal_owners", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_owners_tenant_id"))

    op.drop_table("portal_owners")
    op.drop_table("pauses")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_messages_one_leased",
            sqlite_where=sa.text("status = 'leased' AND subject IS NOT NULL"),
            postgresql_where=sa.text("status = 'leased' AND subject IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_messages_due",
            sqlite_where=sa.text("status IN ('pending', 'leased')"),
            postgresql_where=sa.text("status IN ('pending', 'leased')"),
        )

    op.drop_table("messages")
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deals_tenant_id"))

    op.drop_table("deals")
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_connections_tenant_id"))

    op.drop_table("connections")
    with op.batch_alter_table("colleague_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_colleague_sessions_tenant_id"))

    op.drop_table("colleague_sessions")
    op.drop_table("tenants")
    op.drop_table("install_states")
    op.drop_table("business_clock")
