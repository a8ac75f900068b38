"""The four plans.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEED = """
INSERT INTO subscription_plans
    (code, display_name, description, price, duration_days, daily_photo_limit, history_days,
     ai_recognition, advanced_stats, priority_support, is_test)
VALUES
    ('FREE', 'Бесплатный', 'Базовые функции: 3 фото в день', 0, 0, 3, 7, true, false, false, false),
    ('PRO_MONTHLY', 'PRO месяц', 'Безлимитное распознавание фото и расширенная статистика на месяц',
     299, 30, NULL, 180, true, true, true, false),
    ('PRO_YEARLY', 'PRO год', 'Безлимитное распознавание фото и расширенная статистика на год',
     2490, 365, NULL, 180, true, true, true, false),
    ('TEST_LIVE', 'Проверка оплаты', 'Проверочный платёж в боевом магазине, только для администраторов',
     1, 1, 3, 7, true, false, false, true)
"""


def upgrade() -> None:
    op.execute(SEED)


def downgrade() -> None:
    op.execute(
        "DELETE FROM subscription_plans WHERE code IN ('FREE', 'PRO_MONTHLY', 'PRO_YEARLY', 'TEST_LIVE')"
    )
