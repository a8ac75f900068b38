DROP TABLE list_walks;
DROP INDEX ix_payments_next_ask_at;
ALTER TABLE payments DROP COLUMN surplus_of, DROP COLUMN absent_since, DROP COLUMN next_ask_at;
