"""A mark for each shop: while another one is configured, nothing of this one is compared.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Whose mark it was is not known; the next walk begins a day back, as the very first did.
    op.execute("DELETE FROM list_walks")
    op.execute("ALTER TABLE list_walks ADD COLUMN shop_id TEXT NOT NULL, DROP CONSTRAINT pk_list_walks")
    op.execute("ALTER TABLE list_walks ADD CONSTRAINT pk_list_walks PRIMARY KEY (list, shop_id)")


def downgrade() -> None:
    op.execute("DELETE FROM list_walks")
    op.execute("ALTER TABLE list_walks DROP CONSTRAINT pk_list_walks, DROP COLUMN shop_id")
    op.execute("ALTER TABLE list_walks ADD CONSTRAINT pk_list_walks PRIMARY KEY (list)")
