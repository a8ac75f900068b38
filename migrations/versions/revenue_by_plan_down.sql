DROP INDEX ix_payments_paid_at;
CREATE INDEX ix_payments_paid_at ON payments (paid_at) INCLUDE (is_test, plan_code, currency, amount)
    WHERE status = 'SUCCEEDED';
DROP INDEX ix_payments_revenue;
