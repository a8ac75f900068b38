ALTER TABLE payments DROP COLUMN income_amount;
