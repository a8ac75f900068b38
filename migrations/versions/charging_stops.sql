-- Whether saved methods may be charged: read by the statement that claims a charge, so that a stop holds at once.

CREATE TABLE charging_stops (
    source TEXT NOT NULL,
    stopped_since TIMESTAMP WITH TIME ZONE,
    author TEXT,
    reason TEXT,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_charging_stops PRIMARY KEY (source),
    CONSTRAINT ck_charging_stops_source CHECK (source IN ('operator', 'audit', 'trip')),
    CONSTRAINT ck_charging_stops_stopped_wholly CHECK (num_nulls(stopped_since, author, reason) IN (0, 3))
);
