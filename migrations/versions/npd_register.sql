-- The receipts of «Мой налог», of payments and of refunds. The register itself is their succeeded rows.

CREATE TABLE npd_registrations (
    id BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    payment_id UUID,
    refund_id UUID,
    number TEXT NOT NULL,
    link TEXT,
    author TEXT NOT NULL,
    caller TEXT NOT NULL,
    registered_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_npd_registrations PRIMARY KEY (id),
    CONSTRAINT ck_npd_registrations_about_one_thing CHECK (num_nonnulls(payment_id, refund_id) = 1),
    CONSTRAINT uq_npd_registrations_payment_id UNIQUE (payment_id),
    CONSTRAINT uq_npd_registrations_refund_id UNIQUE (refund_id),
    CONSTRAINT fk_npd_registrations_payment_id FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT fk_npd_registrations_refund_id FOREIGN KEY (refund_id) REFERENCES refunds (id)
);
