-- Subscriptions that renew themselves: when each is looked at, what the payer was told before, and what holds whoever
-- charges a saved method.

-- When this subscription is to be looked at next; null while nothing is to come.
ALTER TABLE subscriptions ADD COLUMN renewal_look_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_subscriptions_renewal_look_at ON subscriptions (renewal_look_at)
    WHERE auto_renew AND renewal_look_at IS NOT NULL;

-- The setting stops as well as a person does: so that the day on which renewals are switched on is remembered.
ALTER TABLE charging_stops
    DROP CONSTRAINT ck_charging_stops_source,
    ADD CONSTRAINT ck_charging_stops_source CHECK (source IN ('operator', 'audit', 'trip', 'setting'));

CREATE TABLE renewal_notices (
    id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    period_id BIGINT NOT NULL,
    plan_code TEXT NOT NULL,
    amount NUMERIC(12, 2) NOT NULL,
    currency TEXT NOT NULL,
    duration_days INTEGER NOT NULL,
    charge_at TIMESTAMP WITH TIME ZONE NOT NULL,
    charge_until TIMESTAMP WITH TIME ZONE NOT NULL,
    event_id UUID NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE,
    told_by TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_renewal_notices PRIMARY KEY (id),
    CONSTRAINT ck_renewal_notices_amount_positive CHECK (amount > 0),
    CONSTRAINT ck_renewal_notices_days_positive CHECK (duration_days > 0),
    CONSTRAINT ck_renewal_notices_charge_window CHECK (charge_at < charge_until),
    CONSTRAINT ck_renewal_notices_told_wholly CHECK ((told_at IS NULL) = (told_by IS NULL)),
    CONSTRAINT ck_renewal_notices_told_once_written CHECK (told_at >= created_at),
    CONSTRAINT uq_renewal_notices_terms
        UNIQUE (id, user_id, period_id, plan_code, amount, currency, duration_days),
    CONSTRAINT uq_renewal_notices_event_id UNIQUE (event_id),
    CONSTRAINT fk_renewal_notices_user_id FOREIGN KEY (user_id) REFERENCES subscriptions (user_id),
    CONSTRAINT fk_renewal_notices_period_id FOREIGN KEY (period_id) REFERENCES subscription_periods (id),
    CONSTRAINT fk_renewal_notices_plan_code FOREIGN KEY (plan_code) REFERENCES subscription_plans (code)
);
CREATE INDEX ix_renewal_notices_period_id_created_at ON renewal_notices (period_id, created_at);

-- One row an hour in which something was charged: `most` is the sum that an hour may not exceed.
CREATE TABLE renewal_hours (
    hour TIMESTAMP WITH TIME ZONE NOT NULL,
    charges INTEGER NOT NULL,
    amount NUMERIC(12, 2) NOT NULL,
    most NUMERIC(12, 2) NOT NULL,
    CONSTRAINT pk_renewal_hours PRIMARY KEY (hour),
    CONSTRAINT ck_renewal_hours_within_bound CHECK (amount <= most)
);

-- A renewal names everything it stands on, and its terms are those the payer was told. One whose money went back in full
-- frees the period it renewed.
ALTER TABLE payments
    ADD COLUMN notice_id UUID,
    ADD COLUMN frees_period BOOLEAN DEFAULT false NOT NULL,
    ADD CONSTRAINT ck_payments_charge_is_recurring CHECK (payment_method_id IS NULL OR is_recurring),
    ADD CONSTRAINT ck_payments_renewal_stands_on_all CHECK (
        NOT is_recurring OR imported OR surplus_of IS NOT NULL
        OR num_nulls(payment_method_id, consent_id, notice_id, renewed_period_id) = 0
    ),
    ADD CONSTRAINT fk_payments_notice
        FOREIGN KEY (notice_id, user_id, renewed_period_id, plan_code, amount, currency, duration_days)
        REFERENCES renewal_notices (id, user_id, period_id, plan_code, amount, currency, duration_days);
CREATE UNIQUE INDEX uq_payments_open_renewal ON payments (user_id)
    WHERE payment_method_id IS NOT NULL AND surplus_of IS NULL AND status IN ('PENDING', 'WAITING_FOR_CAPTURE');
CREATE UNIQUE INDEX uq_payments_renewed_period ON payments (renewed_period_id)
    WHERE surplus_of IS NULL AND NOT frees_period AND status IN ('PENDING', 'WAITING_FOR_CAPTURE', 'SUCCEEDED');
CREATE INDEX ix_payments_renewals ON payments (renewed_period_id, created_at) WHERE renewed_period_id IS NOT NULL;
CREATE INDEX ix_payments_charges ON payments (created_at) WHERE payment_method_id IS NOT NULL;

-- What holds every charge of a saved method, whoever writes it down; that the method may be charged, and the user's
-- lock, come before (charge_only_active_method).
CREATE FUNCTION charge_within_bounds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
    broken text;
BEGIN
    SELECT name INTO broken FROM (VALUES
        ('ck_payments_charging_goes_on', EXISTS (SELECT FROM charging_stops WHERE stopped_since IS NOT NULL)),
        ('ck_payments_two_charges_a_day', (
            SELECT count(*) >= 2 FROM payments
            WHERE user_id = NEW.user_id AND payment_method_id IS NOT NULL AND surplus_of IS NULL
                AND created_at > now_at - interval '24 hours')),
        ('ck_payments_four_tries_a_period', (
            SELECT count(*) >= 4 FROM payments WHERE renewed_period_id = NEW.renewed_period_id AND surplus_of IS NULL)),
        -- Three days are the least that a payer is told before; a setting may ask for more.
        ('ck_payments_payer_was_told', NOT EXISTS (
            SELECT FROM renewal_notices WHERE id = NEW.notice_id
                AND now_at BETWEEN greatest(charge_at, told_at + interval '3 days') AND charge_until
                AND told_at IS NOT NULL))
    ) AS bounds (name, is_broken) WHERE is_broken LIMIT 1;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'this charge is out of bounds' USING
            ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'payments', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER charge_within_bounds BEFORE INSERT ON payments
    FOR EACH ROW WHEN (NEW.payment_method_id IS NOT NULL AND NEW.surplus_of IS NULL)
    EXECUTE FUNCTION charge_within_bounds();

-- An attempt that was given up and turns out to have taken the money, while another one renews the same period or is
-- open: it is a surplus of that one, in the statement that learns of it, and never dies on an index.
CREATE FUNCTION late_renewal_is_surplus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.surplus_of := (
        SELECT id FROM payments
        WHERE id <> NEW.id AND user_id = NEW.user_id AND surplus_of IS NULL AND payment_method_id IS NOT NULL
            AND (status IN ('PENDING', 'WAITING_FOR_CAPTURE')
                OR (status = 'SUCCEEDED' AND renewed_period_id = NEW.renewed_period_id AND NOT frees_period))
        ORDER BY status DESC, created_at LIMIT 1);
    RETURN NEW;
END $$;

CREATE TRIGGER late_renewal_is_surplus BEFORE UPDATE OF status ON payments
    FOR EACH ROW WHEN (NEW.payment_method_id IS NOT NULL AND NEW.surplus_of IS NULL
        AND OLD.status IN ('CANCELED', 'FAILED') AND NEW.status IN ('PENDING', 'WAITING_FOR_CAPTURE', 'SUCCEEDED'))
    EXECUTE FUNCTION late_renewal_is_surplus();

CREATE FUNCTION free_renewed_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE payments SET frees_period = true
        WHERE id = NEW.payment_id AND renewed_period_id IS NOT NULL AND amount <= (
            SELECT sum(amount) FROM refunds WHERE payment_id = NEW.payment_id AND status = 'SUCCEEDED');
    RETURN NULL;
END $$;

CREATE TRIGGER free_renewed_period AFTER UPDATE OF applied_at ON refunds
    FOR EACH ROW WHEN (OLD.applied_at IS NULL AND NEW.applied_at IS NOT NULL)
    EXECUTE FUNCTION free_renewed_period();

-- The receiver's word, in the body of its 2xx, that the payer was told: the first one counts.
CREATE FUNCTION note_that_payer_was_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE renewal_notices SET
            told_at = greatest((NEW.answer ->> 'at')::timestamptz, created_at), told_by = NEW.answer ->> 'channel'
        WHERE event_id = NEW.id AND told_at IS NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER note_that_payer_was_told AFTER UPDATE OF answer ON outbox_events
    FOR EACH ROW WHEN (NEW.kind = 'subscription.renewal_upcoming' AND NEW.answer IS NOT NULL)
    EXECUTE FUNCTION note_that_payer_was_told();

-- Whatever changes what is due is looked at at once. Whoever writes these rows holds the user's lock.
CREATE FUNCTION look_at_renewal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE subscriptions SET renewal_look_at = billing_now() WHERE user_id = NEW.user_id AND auto_renew;
    RETURN NULL;
END $$;

CREATE TRIGGER look_at_renewal AFTER INSERT OR UPDATE ON subscription_periods
    FOR EACH ROW EXECUTE FUNCTION look_at_renewal();
CREATE TRIGGER look_at_renewal AFTER INSERT OR UPDATE OF withdrawn_at ON consents
    FOR EACH ROW EXECUTE FUNCTION look_at_renewal();
CREATE TRIGGER look_at_renewal AFTER INSERT ON payment_methods
    FOR EACH ROW EXECUTE FUNCTION look_at_renewal();
CREATE TRIGGER look_at_renewal AFTER UPDATE OF status ON payments
    FOR EACH ROW WHEN (NEW.payment_method_id IS NOT NULL AND OLD.status <> NEW.status)
    EXECUTE FUNCTION look_at_renewal();

CREATE FUNCTION look_at_renewal_once_switched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.renewal_look_at := CASE WHEN NEW.auto_renew THEN billing_now() END;
    RETURN NEW;
END $$;

CREATE TRIGGER look_at_renewal_once_switched BEFORE UPDATE OF auto_renew ON subscriptions
    FOR EACH ROW WHEN (OLD.auto_renew <> NEW.auto_renew) EXECUTE FUNCTION look_at_renewal_once_switched();

UPDATE subscriptions SET renewal_look_at = billing_now() WHERE auto_renew;
