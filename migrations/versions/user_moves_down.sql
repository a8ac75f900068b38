CREATE OR REPLACE FUNCTION consent_stays_as_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person CONSTANT text[] := ARRAY['payer_ip', 'payer_agent'];
    withdrawal CONSTANT text[] := ARRAY['withdrawn_at', 'withdrawn_by'];
    given_then CONSTANT jsonb := to_jsonb(OLD);
    given_now CONSTANT jsonb := to_jsonb(NEW);
BEGIN
    IF num_nonnulls(NEW.payer_ip, NEW.payer_agent) = 0 AND given_now - person = given_then - person THEN
        RETURN NEW;
    END IF;
    IF OLD.withdrawn_at IS NOT NULL OR given_now - withdrawal <> given_then - withdrawal THEN
        RAISE EXCEPTION 'a consent can be withdrawn once, and not be changed' USING
            ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'consents',
            CONSTRAINT = 'ck_consents_stays_as_given';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION refusal_is_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.user_id, NEW.status, NEW.refused_at, NEW.sealed_id)
        IS NOT DISTINCT FROM (OLD.id, OLD.user_id, OLD.status, OLD.refused_at, OLD.sealed_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a refused payment method stays refused' USING
        ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'payment_methods',
        CONSTRAINT = 'ck_payment_methods_refusal_is_for_good';
END $$;

CREATE OR REPLACE FUNCTION charge_only_active_method() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM subscriptions WHERE user_id = NEW.user_id FOR UPDATE;
    PERFORM FROM payment_methods
        WHERE id = NEW.payment_method_id AND user_id = NEW.user_id AND status = 'ACTIVE' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this payment method may not be charged' USING
            ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'payments',
            CONSTRAINT = 'ck_payments_method_may_be_charged';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION tell_of_moved_periods() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one record;
    after_it timestamptz;
    period subscription_periods;
BEGIN
    FOR one IN
        SELECT moved.user_id, (
            SELECT max(ends) FROM (
                SELECT upper(was.span) AS ends FROM old_periods was
                WHERE was.user_id = moved.user_id AND gives_pro(was.plan_code, was.chain)
                UNION ALL
                SELECT upper(beside.span) FROM subscription_periods beside
                WHERE beside.user_id = moved.user_id AND gives_pro(beside.plan_code, beside.chain)
                    AND NOT EXISTS (SELECT FROM old_periods was WHERE was.id = beside.id)
            ) ends_before
        ) AS before_it
        FROM new_periods moved JOIN old_periods was ON was.id = moved.id
        WHERE moved.span <> was.span AND gives_pro(moved.plan_code, moved.chain)
        GROUP BY moved.user_id ORDER BY moved.user_id
    LOOP
        after_it := pro_ends(one.user_id);
        SELECT moved.* INTO period FROM new_periods moved JOIN old_periods was ON was.id = moved.id
            WHERE moved.user_id = one.user_id AND moved.span <> was.span AND gives_pro(moved.plan_code, moved.chain)
            ORDER BY moved.cut - was.cut DESC, upper(moved.span) DESC NULLS LAST LIMIT 1;
        IF after_it >= one.before_it THEN
            PERFORM record_event('subscription.extended', one.user_id, period_data(period), true);
        ELSE
            PERFORM record_event(
                'subscription.shortened', one.user_id, shortened_data(period, one.before_it, after_it), true);
        END IF;
        PERFORM note_end(one.user_id);
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION charge_within_bounds() RETURNS trigger LANGUAGE plpgsql AS $$
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

DROP FUNCTION both_nameless(bigint[], bigint[]);
DROP FUNCTION is_user_move(bigint, bigint);
ALTER TABLE subscription_periods ALTER CONSTRAINT fk_subscription_periods_payment_terms NOT DEFERRABLE;
ALTER TABLE payments ALTER CONSTRAINT fk_payments_consent NOT DEFERRABLE;
ALTER TABLE payments ALTER CONSTRAINT fk_payments_payment_method NOT DEFERRABLE;
ALTER TABLE payments ALTER CONSTRAINT fk_payments_notice NOT DEFERRABLE;
ALTER TABLE payment_methods ALTER CONSTRAINT fk_payment_methods_consent NOT DEFERRABLE;
ALTER TABLE card_bindings ALTER CONSTRAINT fk_card_bindings_consent NOT DEFERRABLE;
DROP TABLE user_move_cuts;
DROP TABLE user_moves;
ALTER TABLE subscriptions DROP COLUMN moved_to;
