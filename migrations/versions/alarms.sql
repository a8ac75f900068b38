-- An alarm about one thing is raised once, and again when something about it has changed.

CREATE TABLE alarms (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    facts JSONB NOT NULL,
    times INTEGER DEFAULT 1 NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_alarms PRIMARY KEY (kind, subject),
    CONSTRAINT ck_alarms_met_at_least_once CHECK (times > 0)
);

CREATE INDEX ix_alarms_last_at ON alarms (last_at);
