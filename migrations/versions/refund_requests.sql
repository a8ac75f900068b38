-- Payers who ask for their money back, and what they are answered.

CREATE TABLE refund_requests (
    id UUID NOT NULL,
    number BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    payment_id UUID NOT NULL,
    reason TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    answer_by TIMESTAMP WITH TIME ZONE NOT NULL,
    concluded_at TIMESTAMP WITH TIME ZONE,
    refund_id UUID,
    refused_by TEXT,
    refusal TEXT,
    CONSTRAINT pk_refund_requests PRIMARY KEY (id),
    CONSTRAINT uq_refund_requests_number UNIQUE (number),
    CONSTRAINT ck_refund_requests_time_to_answer CHECK (answer_by > created_at),
    CONSTRAINT ck_refund_requests_refused_wholly CHECK (num_nulls(refused_by, refusal) IN (0, 2)),
    CONSTRAINT ck_refund_requests_concluded_by_one
        CHECK ((concluded_at IS NOT NULL) = (num_nonnulls(refund_id, refusal) = 1)),
    CONSTRAINT ck_refund_requests_refunded_or_refused CHECK (num_nonnulls(refund_id, refusal) < 2),
    CONSTRAINT fk_refund_requests_payment_id FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT fk_refund_requests_refund_id FOREIGN KEY (refund_id) REFERENCES refunds (id)
);

CREATE INDEX ix_refund_requests_payment_id ON refund_requests (payment_id);
CREATE UNIQUE INDEX uq_refund_requests_open ON refund_requests (payment_id) WHERE concluded_at IS NULL;
CREATE INDEX ix_refund_requests_answer_by ON refund_requests (answer_by) WHERE concluded_at IS NULL;

-- Whoever sends the money back, by whatever way, in this release or the one before, cannot forget it.
CREATE FUNCTION conclude_refund_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE refund_requests SET concluded_at = billing_now(), refund_id = NEW.id
        WHERE payment_id = NEW.payment_id AND concluded_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER conclude_refund_request AFTER UPDATE OF status ON refunds
    FOR EACH ROW WHEN (OLD.status <> 'SUCCEEDED' AND NEW.status = 'SUCCEEDED')
    EXECUTE FUNCTION conclude_refund_request();
