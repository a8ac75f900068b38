-- Days given by hand. Who gave them, why, which plan and how many stands on the period.

CREATE TABLE grants (
    id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    period_id BIGINT NOT NULL,
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_fingerprint TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT,
    revoke_reason TEXT,
    taken INTERVAL,
    CONSTRAINT pk_grants PRIMARY KEY (id),
    CONSTRAINT ck_grants_revoked_wholly
        CHECK (num_nulls(revoked_at, revoked_by, revoke_reason, taken) IN (0, 4)),
    CONSTRAINT uq_grants_period_id UNIQUE (period_id),
    CONSTRAINT uq_grants_idempotency_key UNIQUE (caller, user_id, idempotency_key),
    CONSTRAINT fk_grants_user_id FOREIGN KEY (user_id) REFERENCES subscriptions (user_id),
    CONSTRAINT fk_grants_period_id FOREIGN KEY (period_id) REFERENCES subscription_periods (id)
);
