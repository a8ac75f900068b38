-- What each daily audit found; and the days of business are found by when money came in and went back.

CREATE TABLE daily_audits (
    id BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    day DATE NOT NULL,
    is_full BOOLEAN NOT NULL,
    feed_no BIGINT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    report JSONB NOT NULL,
    CONSTRAINT pk_daily_audits PRIMARY KEY (id)
);

CREATE INDEX ix_daily_audits_day ON daily_audits (day);
CREATE INDEX ix_payments_paid_at ON payments (paid_at) WHERE status = 'SUCCEEDED';
CREATE INDEX ix_refunds_completed_at ON refunds (completed_at) WHERE status = 'SUCCEEDED';
