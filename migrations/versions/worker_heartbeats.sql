-- Which workers are at work. Real time, not billing_now(): a turned clock must not change who is alive.

CREATE TABLE worker_heartbeats (
    id UUID NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    version TEXT NOT NULL,
    started_at TIMESTAMPTZ DEFAULT clock_timestamp() NOT NULL,
    seen_at TIMESTAMPTZ DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_worker_heartbeats PRIMARY KEY (id)
);
