DROP TRIGGER look_at_renewal_once_switched ON subscriptions;
DROP TRIGGER look_at_renewal ON payments;
DROP TRIGGER look_at_renewal ON payment_methods;
DROP TRIGGER look_at_renewal ON consents;
DROP TRIGGER look_at_renewal ON subscription_periods;
DROP TRIGGER note_that_payer_was_told ON outbox_events;
DROP TRIGGER free_renewed_period ON refunds;
DROP TRIGGER late_renewal_is_surplus ON payments;
DROP TRIGGER charge_within_bounds ON payments;
DROP FUNCTION look_at_renewal_once_switched();
DROP FUNCTION look_at_renewal();
DROP FUNCTION note_that_payer_was_told();
DROP FUNCTION free_renewed_period();
DROP FUNCTION late_renewal_is_surplus();
DROP FUNCTION charge_within_bounds();
DROP INDEX ix_payments_charges;
DROP INDEX ix_payments_renewals;
DROP INDEX uq_payments_renewed_period;
DROP INDEX uq_payments_open_renewal;
ALTER TABLE payments
    DROP CONSTRAINT fk_payments_notice,
    DROP CONSTRAINT ck_payments_renewal_stands_on_all,
    DROP CONSTRAINT ck_payments_charge_is_recurring,
    DROP COLUMN frees_period,
    DROP COLUMN notice_id;
DROP TABLE renewal_hours;
DROP TABLE renewal_notices;
DELETE FROM charging_stops WHERE source = 'setting';
ALTER TABLE charging_stops
    DROP CONSTRAINT ck_charging_stops_source,
    ADD CONSTRAINT ck_charging_stops_source CHECK (source IN ('operator', 'audit', 'trip'));
DROP INDEX ix_subscriptions_renewal_look_at;
ALTER TABLE subscriptions DROP COLUMN renewal_look_at;
