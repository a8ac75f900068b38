-- The tables, and the one clock every rule reads.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Production reads the database's own time. A turnable clock, for development and tests, replaces this function.
CREATE FUNCTION billing_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT statement_timestamp()';

CREATE TABLE subscription_plans (
    code TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    price NUMERIC(12, 2) NOT NULL,
    old_price NUMERIC(12, 2),
    duration_days INTEGER NOT NULL,
    daily_photo_limit INTEGER,
    history_days INTEGER NOT NULL,
    ai_recognition BOOLEAN NOT NULL,
    advanced_stats BOOLEAN NOT NULL,
    priority_support BOOLEAN NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    is_test BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_subscription_plans PRIMARY KEY (code),
    CONSTRAINT ck_subscription_plans_price_not_negative CHECK (price >= 0),
    CONSTRAINT ck_subscription_plans_old_price_not_negative CHECK (old_price >= 0),
    CONSTRAINT ck_subscription_plans_duration_not_negative CHECK (duration_days >= 0),
    CONSTRAINT ck_subscription_plans_paid_plan_lasts CHECK (price = 0 OR duration_days > 0),
    CONSTRAINT ck_subscription_plans_limit_not_negative CHECK (daily_photo_limit >= 0),
    CONSTRAINT ck_subscription_plans_history_days_known CHECK (history_days >= -1)
);

CREATE TABLE subscriptions (
    user_id BIGINT NOT NULL,
    auto_renew BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_subscriptions PRIMARY KEY (user_id),
    CONSTRAINT ck_subscriptions_user_id_positive CHECK (user_id > 0)
);

CREATE TABLE payments (
    id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    plan_code TEXT,
    amount NUMERIC(12, 2) NOT NULL,
    currency TEXT NOT NULL,
    duration_days INTEGER,
    description TEXT NOT NULL,
    purpose TEXT NOT NULL,
    status TEXT DEFAULT 'PENDING' NOT NULL,
    imported BOOLEAN DEFAULT false NOT NULL,
    shop_id TEXT NOT NULL,
    is_test BOOLEAN NOT NULL,
    is_recurring BOOLEAN DEFAULT false NOT NULL,
    save_payment_method BOOLEAN DEFAULT false NOT NULL,
    caller TEXT NOT NULL,
    route TEXT NOT NULL,
    idempotency_key TEXT,
    request_fingerprint TEXT NOT NULL,
    return_url TEXT NOT NULL,
    request_body BYTEA,
    first_sent_at TIMESTAMP WITH TIME ZONE,
    last_sent_at TIMESTAMP WITH TIME ZONE,
    send_lease_until TIMESTAMP WITH TIME ZONE,
    outcome_unknown BOOLEAN DEFAULT false NOT NULL,
    yookassa_payment_id TEXT,
    confirmation_url TEXT,
    cancellation_party TEXT,
    cancellation_reason TEXT,
    provider_error_id TEXT,
    provider_error_code TEXT,
    seen_at TIMESTAMP WITH TIME ZONE,
    paid_at TIMESTAMP WITH TIME ZONE,
    webhook_processed_at TIMESTAMP WITH TIME ZONE,
    period_id BIGINT,
    renewed_period_id BIGINT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_payments PRIMARY KEY (id),
    CONSTRAINT ck_payments_amount_positive CHECK (amount > 0),
    CONSTRAINT ck_payments_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ck_payments_purpose_known CHECK (purpose IN ('PLAN', 'BINDING')),
    CONSTRAINT ck_payments_status_known
        CHECK (status IN ('PENDING', 'WAITING_FOR_CAPTURE', 'SUCCEEDED', 'CANCELED', 'FAILED')),
    CONSTRAINT ck_payments_plan_terms_frozen
        CHECK (purpose <> 'PLAN' OR (plan_code IS NOT NULL AND coalesce(duration_days, 0) > 0)),
    CONSTRAINT ck_payments_paid_has_its_period
        CHECK (status <> 'SUCCEEDED' OR purpose <> 'PLAN' OR imported OR period_id IS NOT NULL),
    CONSTRAINT ck_payments_period_is_paid CHECK (status = 'SUCCEEDED' OR period_id IS NULL),
    CONSTRAINT ck_payments_request_erased_once_known CHECK (status = 'PENDING' OR request_body IS NULL),
    CONSTRAINT uq_payments_terms UNIQUE (id, user_id, plan_code, duration_days),
    CONSTRAINT uq_payments_yookassa_payment_id UNIQUE (yookassa_payment_id),
    CONSTRAINT fk_payments_user_id FOREIGN KEY(user_id) REFERENCES subscriptions (user_id),
    CONSTRAINT fk_payments_plan_code FOREIGN KEY(plan_code) REFERENCES subscription_plans (code)
);

CREATE INDEX ix_payments_open ON payments (created_at) WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE');

CREATE INDEX ix_payments_user_id_created_at ON payments (user_id, created_at);

CREATE UNIQUE INDEX uq_payments_idempotency_key ON payments (caller, user_id, route, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE subscription_periods (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    user_id BIGINT NOT NULL,
    plan_code TEXT NOT NULL,
    cause TEXT NOT NULL,
    payment_id UUID,
    author TEXT,
    reason TEXT,
    days INTEGER NOT NULL,
    cut INTERVAL DEFAULT interval '0' NOT NULL,
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    span TSTZRANGE NOT NULL,
    CONSTRAINT pk_subscription_periods PRIMARY KEY (id),
    CONSTRAINT ck_subscription_periods_cause_known CHECK (cause IN ('payment', 'grant', 'import')),
    CONSTRAINT ck_subscription_periods_payment_is_the_cause
        CHECK ((cause = 'payment') = (payment_id IS NOT NULL)),
    CONSTRAINT ck_subscription_periods_grant_has_author_and_reason
        CHECK ((cause = 'grant') = (author IS NOT NULL AND reason IS NOT NULL)),
    CONSTRAINT ck_subscription_periods_days_positive CHECK (days > 0),
    CONSTRAINT ck_subscription_periods_cut_not_negative CHECK (cut >= interval '0'),
    CONSTRAINT ck_subscription_periods_span_has_both_ends CHECK (NOT (lower_inf(span) OR upper_inf(span))),
    CONSTRAINT ck_subscription_periods_span_is_days_less_cut
        CHECK (coalesce(upper(span) - lower(span), interval '0') = days * interval '24 hours' - cut),
    CONSTRAINT ex_subscription_periods_no_overlap EXCLUDE USING gist (user_id WITH =, span WITH &&) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT uq_subscription_periods_payment_id UNIQUE (payment_id),
    CONSTRAINT uq_subscription_periods_id_payment_id UNIQUE (id, payment_id),
    CONSTRAINT fk_subscription_periods_user_id FOREIGN KEY(user_id) REFERENCES subscriptions (user_id),
    CONSTRAINT fk_subscription_periods_plan_code FOREIGN KEY(plan_code) REFERENCES subscription_plans (code),
    CONSTRAINT fk_subscription_periods_payment_terms FOREIGN KEY(payment_id, user_id, plan_code, days)
        REFERENCES payments (id, user_id, plan_code, duration_days)
);

CREATE TABLE refunds (
    id UUID NOT NULL,
    payment_id UUID NOT NULL,
    amount NUMERIC(12, 2) NOT NULL,
    currency TEXT NOT NULL,
    status TEXT DEFAULT 'PENDING' NOT NULL,
    access TEXT NOT NULL,
    reason TEXT NOT NULL,
    yookassa_refund_id TEXT,
    cancellation_party TEXT,
    cancellation_reason TEXT,
    completed_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_refunds PRIMARY KEY (id),
    CONSTRAINT ck_refunds_amount_positive CHECK (amount > 0),
    CONSTRAINT ck_refunds_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ck_refunds_status_known CHECK (status IN ('PENDING', 'SUCCEEDED', 'CANCELED', 'FAILED')),
    CONSTRAINT ck_refunds_access_known CHECK (access IN ('keep', 'cut_prorata', 'cut_all')),
    CONSTRAINT uq_refunds_yookassa_refund_id UNIQUE (yookassa_refund_id),
    CONSTRAINT fk_refunds_payment_id FOREIGN KEY(payment_id) REFERENCES payments (id)
);

CREATE INDEX ix_refunds_payment_id ON refunds (payment_id);

CREATE TABLE webhook_logs (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    status TEXT DEFAULT 'RECEIVED' NOT NULL,
    attempts INTEGER DEFAULT 1 NOT NULL,
    looks INTEGER DEFAULT 0 NOT NULL,
    error_message TEXT,
    raw_payload JSONB NOT NULL,
    client_ip TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    processed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_webhook_logs PRIMARY KEY (id),
    CONSTRAINT uq_webhook_logs_event_id UNIQUE (event_id),
    CONSTRAINT ck_webhook_logs_status_known
        CHECK (status IN ('RECEIVED', 'SUCCESS', 'FAILED', 'UNMATCHED', 'FOREIGN')),
    CONSTRAINT ck_webhook_logs_counts_not_negative CHECK (attempts >= 0 AND looks >= 0)
);

CREATE INDEX ix_webhook_logs_open ON webhook_logs (created_at) WHERE status IN ('RECEIVED', 'UNMATCHED');

CREATE INDEX ix_webhook_logs_payment_id ON webhook_logs (payment_id);

CREATE TABLE daily_usage (
    user_id BIGINT NOT NULL,
    date DATE NOT NULL,
    photo_ai_requests INTEGER DEFAULT 0 NOT NULL,
    holds JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT pk_daily_usage PRIMARY KEY (user_id, date),
    CONSTRAINT ck_daily_usage_requests_not_negative CHECK (photo_ai_requests >= 0),
    CONSTRAINT ck_daily_usage_holds_object CHECK (jsonb_typeof(holds) = 'object')
);

ALTER TABLE payments
    ADD CONSTRAINT fk_payments_period_of_this_payment
        FOREIGN KEY (period_id, id) REFERENCES subscription_periods (id, payment_id),
    ADD CONSTRAINT fk_payments_renewed_period_id
        FOREIGN KEY (renewed_period_id) REFERENCES subscription_periods (id);
