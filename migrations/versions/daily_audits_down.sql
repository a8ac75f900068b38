DROP INDEX ix_refunds_completed_at;
DROP INDEX ix_payments_paid_at;
DROP TABLE daily_audits;
