"""What a person did in the panel is found by an index.

Revision ID: 0048
Revises: 0047
"""

from billing_service.schema.migrate import run_script

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("deeds_of_people.sql")


def downgrade() -> None:
    run_script("deeds_of_people_down.sql")
