-- The people of the panel, their sessions, and what they have done under which key.

CREATE TABLE staff_accounts (
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_staff_accounts PRIMARY KEY (name),
    CONSTRAINT ck_staff_accounts_name_is_plain CHECK (name ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'),
    CONSTRAINT ck_staff_accounts_role_known CHECK (role IN ('support', 'finance', 'owner'))
);

CREATE TABLE staff_sessions (
    digest BYTEA NOT NULL,
    account TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_staff_sessions PRIMARY KEY (digest),
    CONSTRAINT fk_staff_sessions_account FOREIGN KEY (account) REFERENCES staff_accounts (name)
);

CREATE INDEX ix_staff_sessions_account ON staff_sessions (account);
CREATE INDEX ix_staff_sessions_seen_at ON staff_sessions (seen_at);

CREATE TABLE staff_acts (
    key UUID NOT NULL,
    account TEXT NOT NULL,
    act TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    outcome JSONB,
    CONSTRAINT pk_staff_acts PRIMARY KEY (key),
    CONSTRAINT ck_staff_acts_done_has_outcome CHECK ((done_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT fk_staff_acts_account FOREIGN KEY (account) REFERENCES staff_accounts (name)
);

CREATE INDEX ix_staff_acts_begun_at ON staff_acts (begun_at);

-- A person has seen an alarm and takes care of it; what changes about the thing is to be seen anew.
ALTER TABLE alarms ADD COLUMN acknowledged_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE alarms ADD COLUMN acknowledged_by TEXT;
ALTER TABLE alarms ADD CONSTRAINT ck_alarms_acknowledged_by_somebody
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL));

-- The newest first, a page at a time, however many there are; what is rare is found without looking at the rest.
CREATE INDEX ix_payments_created_at ON payments (created_at, id);
CREATE INDEX ix_payments_failed ON payments (created_at, id) WHERE status = 'FAILED';
CREATE INDEX ix_refunds_created_at ON refunds (created_at, id);
CREATE INDEX ix_refunds_not_succeeded ON refunds (created_at, id) WHERE status <> 'SUCCEEDED';
CREATE INDEX ix_webhook_logs_left ON webhook_logs (id) WHERE status IN ('FAILED', 'FOREIGN', 'CLOSED');

-- Searched for by what an error answer shows.
CREATE INDEX ix_audit_log_request_id ON audit_log (request_id);
CREATE INDEX ix_webhook_logs_trace_id ON webhook_logs USING hash (trace_id);
