-- What a user agreed to, the payment methods kept for renewals, and his word that they must never be charged again.

ALTER TABLE subscriptions ADD COLUMN auto_renew_since TIMESTAMP WITH TIME ZONE;

CREATE TABLE consents (
    id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    document_version TEXT NOT NULL,
    plan_code TEXT NOT NULL,
    amount NUMERIC(12, 2) NOT NULL,
    currency TEXT NOT NULL,
    period_days INTEGER NOT NULL,
    given_with TEXT NOT NULL,
    caller TEXT NOT NULL,
    payer_ip TEXT,
    payer_agent TEXT,
    given_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_by TEXT,
    CONSTRAINT pk_consents PRIMARY KEY (id),
    CONSTRAINT ck_consents_amount_positive CHECK (amount > 0),
    CONSTRAINT ck_consents_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ck_consents_period_positive CHECK (period_days > 0),
    CONSTRAINT ck_consents_given_with_known CHECK (given_with IN ('consent', 'purchase', 'binding')),
    CONSTRAINT ck_consents_withdrawn_wholly CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)),
    CONSTRAINT ck_consents_withdrawn_by_known CHECK (withdrawn_by IN ('user', 'refusal')),
    CONSTRAINT uq_consents_id_user_id UNIQUE (id, user_id),
    CONSTRAINT fk_consents_user_id FOREIGN KEY (user_id) REFERENCES subscriptions (user_id),
    CONSTRAINT fk_consents_plan_code FOREIGN KEY (plan_code) REFERENCES subscription_plans (code)
);

CREATE INDEX ix_consents_user_id_given_at ON consents (user_id, given_at);

-- What was agreed to is evidence: it can be withdrawn, once, and nothing else about it changes.
CREATE FUNCTION consent_stays_as_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL
        OR to_jsonb(NEW) - ARRAY['withdrawn_at', 'withdrawn_by'] <> to_jsonb(OLD) - ARRAY['withdrawn_at', 'withdrawn_by']
    THEN
        RAISE EXCEPTION 'a consent can be withdrawn once, and not be changed' USING
            ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'consents',
            CONSTRAINT = 'ck_consents_stays_as_given';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER consent_stays_as_given BEFORE UPDATE ON consents
    FOR EACH ROW EXECUTE FUNCTION consent_stays_as_given();

-- `sealed_id` is the provider's id, by which the method can be charged: encrypted, and erased as soon as it may not be
-- charged any more. `id_digest` is made of it with a key of its own.
CREATE TABLE payment_methods (
    id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    shop_id TEXT NOT NULL,
    is_test BOOLEAN NOT NULL,
    consent_id UUID NOT NULL,
    status TEXT DEFAULT 'ACTIVE' NOT NULL,
    sealed_id BYTEA,
    id_digest TEXT NOT NULL,
    type TEXT NOT NULL,
    title TEXT,
    card_last4 TEXT,
    card_brand TEXT,
    expires TEXT,
    saved_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    refused_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_payment_methods PRIMARY KEY (id),
    CONSTRAINT ck_payment_methods_status_known CHECK (status IN ('ACTIVE', 'REPLACED', 'ENDED', 'REFUSED')),
    CONSTRAINT ck_payment_methods_only_active_can_be_charged CHECK ((status = 'ACTIVE') = (sealed_id IS NOT NULL)),
    CONSTRAINT ck_payment_methods_ended_once_inactive CHECK ((status = 'ACTIVE') = (ended_at IS NULL)),
    CONSTRAINT ck_payment_methods_refused_at_its_refusal CHECK ((status = 'REFUSED') = (refused_at IS NOT NULL)),
    CONSTRAINT ck_payment_methods_card_last4_four_digits CHECK (card_last4 ~ '^[0-9]{4}$'),
    CONSTRAINT ck_payment_methods_expires_month CHECK (expires ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
    CONSTRAINT uq_payment_methods_id_digest UNIQUE (id_digest),
    CONSTRAINT uq_payment_methods_owner UNIQUE (id, user_id, shop_id, is_test),
    CONSTRAINT fk_payment_methods_user_id FOREIGN KEY (user_id) REFERENCES subscriptions (user_id),
    CONSTRAINT fk_payment_methods_consent FOREIGN KEY (consent_id, user_id) REFERENCES consents (id, user_id)
);

-- The newest takes the place of the one before: nothing is ever charged in place of the chosen one.
CREATE UNIQUE INDEX uq_payment_methods_active ON payment_methods (user_id, shop_id, is_test) WHERE status = 'ACTIVE';
CREATE INDEX ix_payment_methods_user_id ON payment_methods (user_id);

CREATE TABLE payment_method_refusals (
    id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    caller TEXT NOT NULL,
    payer_ip TEXT,
    payer_agent TEXT,
    charge_payment_id UUID,
    refused_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_payment_method_refusals PRIMARY KEY (id),
    CONSTRAINT fk_payment_method_refusals_user_id FOREIGN KEY (user_id) REFERENCES subscriptions (user_id),
    CONSTRAINT fk_payment_method_refusals_charge_payment_id FOREIGN KEY (charge_payment_id) REFERENCES payments (id)
);

CREATE INDEX ix_payment_method_refusals_user_id_refused_at ON payment_method_refusals (user_id, refused_at);

-- A binding is an intent like a payment. `id_digest` stands for the provider's id wherever an id is told of, because
-- that id is the method's.
CREATE TABLE card_bindings (
    id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    consent_id UUID NOT NULL,
    status TEXT DEFAULT 'PENDING' NOT NULL,
    shop_id TEXT NOT NULL,
    is_test BOOLEAN NOT NULL,
    caller TEXT NOT NULL,
    idempotency_key TEXT,
    request_fingerprint TEXT NOT NULL,
    return_url TEXT NOT NULL,
    request_body BYTEA,
    first_sent_at TIMESTAMP WITH TIME ZONE,
    last_sent_at TIMESTAMP WITH TIME ZONE,
    send_lease_until TIMESTAMP WITH TIME ZONE,
    outcome_unknown BOOLEAN DEFAULT false NOT NULL,
    provider_error_id TEXT,
    provider_error_code TEXT,
    cancellation_party TEXT,
    cancellation_reason TEXT,
    sealed_id BYTEA,
    id_digest TEXT,
    confirmation_url TEXT,
    payment_method_id UUID,
    seen_at TIMESTAMP WITH TIME ZONE,
    next_ask_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() + interval '30 seconds',
    absent_since TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_card_bindings PRIMARY KEY (id),
    CONSTRAINT ck_card_bindings_status_known CHECK (status IN ('PENDING', 'ACTIVE', 'INACTIVE', 'FAILED')),
    CONSTRAINT ck_card_bindings_request_erased_once_known CHECK (status = 'PENDING' OR request_body IS NULL),
    CONSTRAINT ck_card_bindings_id_erased_once_known CHECK (status = 'PENDING' OR sealed_id IS NULL),
    CONSTRAINT ck_card_bindings_kept_once_active CHECK (status = 'ACTIVE' OR payment_method_id IS NULL),
    CONSTRAINT uq_card_bindings_id_digest UNIQUE (id_digest),
    CONSTRAINT fk_card_bindings_user_id FOREIGN KEY (user_id) REFERENCES subscriptions (user_id),
    CONSTRAINT fk_card_bindings_consent FOREIGN KEY (consent_id, user_id) REFERENCES consents (id, user_id),
    CONSTRAINT fk_card_bindings_payment_method_id FOREIGN KEY (payment_method_id) REFERENCES payment_methods (id)
);

CREATE UNIQUE INDEX uq_card_bindings_idempotency_key ON card_bindings (caller, user_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX ix_card_bindings_next_ask_at ON card_bindings (next_ask_at) WHERE status = 'PENDING';
CREATE INDEX ix_card_bindings_user_id_created_at ON card_bindings (user_id, created_at);

-- When YooKassa last refused a shop to keep cards.
CREATE TABLE shops_unable_to_save (
    shop_id TEXT NOT NULL,
    is_test BOOLEAN NOT NULL,
    refused_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_shops_unable_to_save PRIMARY KEY (shop_id, is_test)
);

ALTER TABLE payments
    ADD COLUMN consent_id UUID,
    ADD COLUMN not_saved_because TEXT,
    ADD COLUMN payment_method_id UUID,
    ADD COLUMN replaced_by UUID,
    ADD CONSTRAINT ck_payments_saving_needs_consent CHECK (NOT save_payment_method OR consent_id IS NOT NULL),
    ADD CONSTRAINT ck_payments_not_saved_because_known
        CHECK (not_saved_because IN ('RECURRING_NOT_AVAILABLE', 'CONSENT_REQUIRED')),
    ADD CONSTRAINT ck_payments_replaced_once_refused CHECK (replaced_by IS NULL OR status <> 'PENDING'),
    ADD CONSTRAINT fk_payments_consent FOREIGN KEY (consent_id, user_id) REFERENCES consents (id, user_id),
    ADD CONSTRAINT fk_payments_replaced_by FOREIGN KEY (replaced_by) REFERENCES payments (id),
    ADD CONSTRAINT fk_payments_payment_method FOREIGN KEY (payment_method_id, user_id, shop_id, is_test)
        REFERENCES payment_methods (id, user_id, shop_id, is_test),
    ADD CONSTRAINT uq_payments_replaced_by UNIQUE (replaced_by);

-- A charge of a method that may not be charged cannot be written down, by anybody. The user's money is locked first: a
-- raw INSERT locks it anyway, by its foreign key, and in the other order a refusal would die of the deadlock. What the
-- provider reports beside (`surplus_of`) was not sent by us and stays recordable.
CREATE FUNCTION charge_only_active_method() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER charge_only_active_method BEFORE INSERT ON payments
    FOR EACH ROW WHEN (NEW.payment_method_id IS NOT NULL AND NEW.surplus_of IS NULL)
    EXECUTE FUNCTION charge_only_active_method();
-- Nor can another row become one.
CREATE TRIGGER become_charge_of_active_method BEFORE UPDATE OF payment_method_id, surplus_of, user_id ON payments
    FOR EACH ROW WHEN (NEW.payment_method_id IS NOT NULL AND NEW.surplus_of IS NULL
        AND (OLD.payment_method_id, OLD.surplus_of, OLD.user_id)
            IS DISTINCT FROM (NEW.payment_method_id, NEW.surplus_of, NEW.user_id))
    EXECUTE FUNCTION charge_only_active_method();
-- What was erased to be sent never again cannot be filled in anew.
CREATE TRIGGER charge_is_not_sent_again BEFORE UPDATE OF request_body ON payments
    FOR EACH ROW WHEN (NEW.payment_method_id IS NOT NULL AND OLD.request_body IS NULL AND NEW.request_body IS NOT NULL)
    EXECUTE FUNCTION charge_only_active_method();

-- A refusal is for good.
CREATE FUNCTION refusal_is_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER refusal_is_for_good BEFORE UPDATE OR DELETE ON payment_methods
    FOR EACH ROW WHEN (OLD.status = 'REFUSED') EXECUTE FUNCTION refusal_is_for_good();

-- Keep a method that the provider has saved, in one statement, for a settlement whose lock the caller holds: unless the
-- consent was withdrawn since, as every refusal does with all that were given before it. A failure here is answered and
-- not raised: whatever becomes of a card, the money that came in is settled.
CREATE FUNCTION keep_payment_method(
    p_id uuid, p_consent uuid, p_user bigint, p_shop text, p_is_test boolean, p_sealed bytea, p_digests text[],
    p_type text, p_title text, p_last4 text, p_brand text, p_expires text
) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM consents WHERE id = p_consent AND user_id = p_user AND withdrawn_at IS NULL) THEN
        RETURN 'consent_withdrawn';
    END IF;
    IF EXISTS (SELECT FROM payment_methods WHERE id_digest = ANY (p_digests)) THEN
        RETURN 'known';
    END IF;
    UPDATE payment_methods SET status = 'REPLACED', sealed_id = NULL, ended_at = billing_now()
        WHERE user_id = p_user AND shop_id = p_shop AND is_test = p_is_test AND status = 'ACTIVE';
    INSERT INTO payment_methods
        (id, user_id, shop_id, is_test, consent_id, sealed_id, id_digest, type, title, card_last4, card_brand, expires)
        VALUES (p_id, p_user, p_shop, p_is_test, p_consent, p_sealed, p_digests[1], p_type, p_title, p_last4, p_brand,
            p_expires);
    RETURN 'kept';
EXCEPTION WHEN OTHERS THEN
    RETURN 'failed ' || SQLSTATE;
END $$;

-- What the main backend is told of it, in the transaction of the fact.
CREATE FUNCTION method_shown(p_method payment_methods) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'title', p_method.title, 'card_mask', '•••• ' || p_method.card_last4,
        'card_brand', p_method.card_brand, 'expires', p_method.expires)
$$;

CREATE FUNCTION tell_of_payment_method() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM record_event(
        'payment_method.saved', NEW.user_id, method_shown(NEW) || jsonb_build_object('type', NEW.type), true);
    RETURN NULL;
END $$;
CREATE TRIGGER tell_of_payment_method AFTER INSERT ON payment_methods
    FOR EACH ROW EXECUTE FUNCTION tell_of_payment_method();

CREATE FUNCTION tell_of_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM record_event('payment_method.refused', NEW.user_id, jsonb_build_object(
        'receipt_id', NEW.id, 'refused_at', event_time(NEW.refused_at)), true);
    RETURN NULL;
END $$;
CREATE TRIGGER tell_of_refusal AFTER INSERT ON payment_method_refusals
    FOR EACH ROW EXECUTE FUNCTION tell_of_refusal();

-- As before, with the method that could be charged.
CREATE OR REPLACE FUNCTION subscription_state(p_user bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    now_at CONSTANT timestamptz := billing_now();
BEGIN
    RETURN jsonb_build_object(
        'plan', plan_in_force(p_user, now_at),
        'access_until', event_time(pro_ends(p_user)),
        'auto_renew', coalesce((SELECT auto_renew FROM subscriptions WHERE user_id = p_user), false),
        'payment_method', (
            SELECT method_shown(m) FROM payment_methods m
            WHERE m.user_id = p_user AND m.status = 'ACTIVE' AND (NOT m.is_test OR test_days_count())
            ORDER BY m.saved_at DESC, m.id LIMIT 1),
        'spans', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'plan', plan_code, 'begins', event_time(lower(span)), 'ends', event_time(upper(span))
            ) ORDER BY lower(span), id)
            FROM (
                SELECT s.* FROM subscription_periods s JOIN subscription_plans p ON p.code = s.plan_code
                WHERE s.user_id = p_user AND upper(s.span) > now_at AND p.price > 0 AND NOT p.is_test
                    AND (s.chain <> 'test' OR test_days_count())
                ORDER BY lower(s.span), s.id LIMIT 20
            ) ahead), '[]'));
END $$;
