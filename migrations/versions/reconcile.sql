-- Asking by ourselves: when to ask about an open payment next, and how far YooKassa's lists were compared.

ALTER TABLE payments
    ADD COLUMN next_ask_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() + interval '30 seconds',
    ADD COLUMN absent_since TIMESTAMP WITH TIME ZONE,
    ADD COLUMN surplus_of UUID CONSTRAINT fk_payments_surplus_of REFERENCES payments (id);

CREATE INDEX ix_payments_next_ask_at ON payments (next_ask_at)
    WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE');

CREATE TABLE list_walks (
    list TEXT NOT NULL,
    compared_until TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_list_walks PRIMARY KEY (list)
);
