-- The lists of a day that is being audited, as far as they were compared; the rows go when its report is kept.

CREATE TABLE daily_audit_sides (
    day DATE NOT NULL,
    kind TEXT NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    left_until TIMESTAMP WITH TIME ZONE NOT NULL,
    is_complete BOOLEAN DEFAULT false NOT NULL,
    theirs NUMERIC(12, 2) DEFAULT 0 NOT NULL,
    ours NUMERIC(12, 2) DEFAULT 0 NOT NULL,
    difference_count BIGINT DEFAULT 0 NOT NULL,
    differences TEXT[] DEFAULT '{}' NOT NULL,
    foreign_count BIGINT DEFAULT 0 NOT NULL,
    foreign_ids TEXT[] DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_daily_audit_sides PRIMARY KEY (day, kind),
    CONSTRAINT ck_daily_audit_sides_kind_known CHECK (kind IN ('payment', 'refund'))
);
