-- What came in for one plan, in some days: a range of entries that hold the amount, with nothing to tell apart in them.
CREATE INDEX ix_payments_revenue ON payments (plan_code, is_test, paid_at) INCLUDE (amount)
    WHERE status = 'SUCCEEDED' AND currency = 'RUB';

-- For whoever wants all payments of a day, as the daily audit does. It reads their rows, so that the index holds no more.
DROP INDEX ix_payments_paid_at;
CREATE INDEX ix_payments_paid_at ON payments (paid_at) WHERE status = 'SUCCEEDED';
