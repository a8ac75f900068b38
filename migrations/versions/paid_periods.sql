-- The way back of fk_payments_period_of_this_payment: a period names a payment that points at it, so one that succeeded.

ALTER TABLE payments ADD CONSTRAINT uq_payments_id_period_id UNIQUE (id, period_id);

ALTER TABLE subscription_periods ADD CONSTRAINT fk_subscription_periods_payment_is_paid
    FOREIGN KEY (payment_id, id) REFERENCES payments (id, period_id) DEFERRABLE INITIALLY DEFERRED;

-- What is sold must be possible to grant: beyond the year 9999 there are no dates.
ALTER TABLE subscription_plans ADD CONSTRAINT ck_subscription_plans_duration_within_a_century
    CHECK (duration_days <= 36525);
