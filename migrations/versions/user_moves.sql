-- Whose number another one is from now on: who holds the lock of a user's money reads it on the row that is the lock.
ALTER TABLE subscriptions
    ADD COLUMN moved_to bigint CONSTRAINT fk_subscriptions_moved_to REFERENCES subscriptions (user_id),
    ADD CONSTRAINT ck_subscriptions_moved_to_another CHECK (moved_to <> user_id);
CREATE INDEX ix_subscriptions_moved_to ON subscriptions (moved_to) WHERE moved_to IS NOT NULL;

CREATE TABLE user_moves (
    id uuid NOT NULL CONSTRAINT pk_user_moves PRIMARY KEY,
    from_user_id bigint NOT NULL CONSTRAINT fk_user_moves_from_user_id REFERENCES subscriptions (user_id),
    to_user_id bigint NOT NULL CONSTRAINT fk_user_moves_to_user_id REFERENCES subscriptions (user_id),
    moved_at timestamptz NOT NULL DEFAULT billing_now(),
    moved jsonb NOT NULL,
    CONSTRAINT ck_user_moves_to_another CHECK (from_user_id <> to_user_id)
);
CREATE INDEX ix_user_moves_from_user_id ON user_moves (from_user_id, moved_at);
CREATE INDEX ix_user_moves_to_user_id ON user_moves (to_user_id);

CREATE TABLE user_move_cuts (
    period_id bigint NOT NULL CONSTRAINT fk_user_move_cuts_period_id REFERENCES subscription_periods (id),
    move_id uuid NOT NULL CONSTRAINT fk_user_move_cuts_move_id REFERENCES user_moves (id),
    cut interval NOT NULL,
    CONSTRAINT pk_user_move_cuts PRIMARY KEY (period_id, move_id),
    CONSTRAINT ck_user_move_cuts_positive CHECK (cut > interval '0')
);

-- Rows that name one another move together: looked at as ever, but once more of the whole when a move is committed.
ALTER TABLE subscription_periods ALTER CONSTRAINT fk_subscription_periods_payment_terms DEFERRABLE;
ALTER TABLE payments ALTER CONSTRAINT fk_payments_consent DEFERRABLE;
ALTER TABLE payments ALTER CONSTRAINT fk_payments_payment_method DEFERRABLE;
ALTER TABLE payments ALTER CONSTRAINT fk_payments_notice DEFERRABLE;
ALTER TABLE payment_methods ALTER CONSTRAINT fk_payment_methods_consent DEFERRABLE;
ALTER TABLE card_bindings ALTER CONSTRAINT fk_card_bindings_consent DEFERRABLE;

-- Whether a row may go from one number to the other: the user's own row says so first.
CREATE FUNCTION is_user_move(p_from bigint, p_to bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM subscriptions WHERE user_id = p_from AND moved_to = p_to);
END $$;

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
    IF given_now - 'user_id' = given_then - 'user_id' AND is_user_move(OLD.user_id, NEW.user_id) THEN
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
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.status, NEW.refused_at, NEW.sealed_id)
        IS NOT DISTINCT FROM (OLD.id, OLD.status, OLD.refused_at, OLD.sealed_id)
        AND (NEW.user_id = OLD.user_id OR is_user_move(OLD.user_id, NEW.user_id))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a refused payment method stays refused' USING
        ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'payment_methods',
        CONSTRAINT = 'ck_payment_methods_refusal_is_for_good';
END $$;

CREATE OR REPLACE FUNCTION charge_only_active_method() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Of what was charged long ago the method may have ended since; nothing is charged by moving it.
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'user_id' - 'idempotency_key' = to_jsonb(OLD) - 'user_id' - 'idempotency_key'
        AND is_user_move(OLD.user_id, NEW.user_id)
    THEN
        RETURN NEW;
    END IF;
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
    -- A user who becomes another number is told of as that, and as a whole.
    IF EXISTS (SELECT FROM new_periods moved JOIN old_periods was ON was.id = moved.id
        WHERE moved.user_id <> was.user_id)
    THEN
        RETURN NULL;
    END IF;
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
        -- Three days are the least that a payer is told before; a setting may ask for more. What he was told before he
        -- became this number is told once more.
        ('ck_payments_payer_was_told', NOT EXISTS (
            SELECT FROM renewal_notices WHERE id = NEW.notice_id
                AND now_at BETWEEN greatest(charge_at, told_at + interval '3 days') AND charge_until
                AND told_at IS NOT NULL AND NOT EXISTS (
                    SELECT FROM user_moves m
                    WHERE m.to_user_id = renewal_notices.user_id AND m.moved_at >= renewal_notices.created_at)))
    ) AS bounds (name, is_broken) WHERE is_broken LIMIT 1;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'this charge is out of bounds' USING
            ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'payments', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END $$;

-- What two users counted without an operation's id, the newest 100 of both in the order in which it was counted.
CREATE FUNCTION both_nameless(p_one bigint[], p_other bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(ARRAY[at, amount] ORDER BY at), '{}') FROM (
        SELECT both_of[i][1] AS at, both_of[i][2] AS amount
        FROM (SELECT p_one || p_other AS both_of) lists, generate_subscripts(both_of, 1) i
        ORDER BY at DESC LIMIT 100
    ) newest
$$;
