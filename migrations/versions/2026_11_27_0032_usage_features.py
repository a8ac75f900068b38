"""Daily limits of more than photos, commits of another size, holds that last longer, and days that can be explained.

Revision ID: 0032
Revises: 0031
"""

from billing_service.schema.migrate import run_script

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("usage_features.sql")


def downgrade() -> None:
    run_script("usage_features_down.sql")
