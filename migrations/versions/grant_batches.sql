-- The same days for many. Whom a batch is for is written down when it begins, so that a repeat gives to nobody else.

CREATE TABLE grant_batches (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    audience TEXT NOT NULL,
    plan_code TEXT NOT NULL,
    days INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT,
    revoke_reason TEXT,
    CONSTRAINT pk_grant_batches PRIMARY KEY (id),
    CONSTRAINT uq_grant_batches_name UNIQUE (name),
    CONSTRAINT ck_grant_batches_days_positive CHECK (days > 0),
    CONSTRAINT ck_grant_batches_revoked_wholly CHECK (num_nulls(revoked_at, revoked_by, revoke_reason) IN (0, 3)),
    CONSTRAINT fk_grant_batches_plan_code FOREIGN KEY (plan_code) REFERENCES subscription_plans (code)
);

CREATE TABLE grant_batch_members (
    batch_id UUID NOT NULL,
    user_id BIGINT NOT NULL,
    grant_id UUID,
    CONSTRAINT pk_grant_batch_members PRIMARY KEY (batch_id, user_id),
    CONSTRAINT uq_grant_batch_members_grant_id UNIQUE (grant_id),
    CONSTRAINT fk_grant_batch_members_batch_id FOREIGN KEY (batch_id) REFERENCES grant_batches (id),
    CONSTRAINT fk_grant_batch_members_grant_id FOREIGN KEY (grant_id) REFERENCES grants (id)
);

CREATE INDEX ix_grant_batch_members_user_id ON grant_batch_members (user_id);
