-- Receipts by 54-FZ: where they go, which shop demands them, what they say, whether they were registered.

-- `sealed` is encrypted, and gone once the user has it erased.
CREATE TABLE receipt_contacts (
    user_id BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_receipt_contacts PRIMARY KEY (user_id)
);

-- What `/me` said of a shop last.
CREATE TABLE shop_fiscalization (
    shop_id TEXT NOT NULL,
    is_test BOOLEAN NOT NULL,
    enabled BOOLEAN NOT NULL,
    provider TEXT,
    told_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_shop_fiscalization PRIMARY KEY (shop_id, is_test)
);

ALTER TABLE subscription_plans
    ADD COLUMN vat_code SMALLINT,
    ADD CONSTRAINT ck_subscription_plans_vat_code_known CHECK (vat_code BETWEEN 1 AND 12);

ALTER TABLE payments
    ADD COLUMN receipt_registration TEXT,
    ADD COLUMN receipt_ask_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN receipt_description TEXT,
    ADD COLUMN receipt_vat_code SMALLINT,
    ADD COLUMN receipt_tax_system_code SMALLINT,
    ADD COLUMN receipt_subject TEXT,
    ADD COLUMN receipt_mode TEXT,
    ADD CONSTRAINT ck_payments_receipt_registration_known
        CHECK (receipt_registration IN ('pending', 'succeeded', 'canceled')),
    ADD CONSTRAINT ck_payments_receipt_vat_code_known CHECK (receipt_vat_code BETWEEN 1 AND 12),
    ADD CONSTRAINT ck_payments_receipt_tax_system_code_known CHECK (receipt_tax_system_code BETWEEN 1 AND 6),
    ADD CONSTRAINT ck_payments_receipt_item_whole CHECK (
        num_nonnulls(receipt_description, receipt_vat_code, receipt_subject, receipt_mode) IN (0, 4)
    );

ALTER TABLE refunds
    ADD COLUMN receipt_registration TEXT,
    ADD COLUMN receipt_ask_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT ck_refunds_receipt_registration_known
        CHECK (receipt_registration IN ('pending', 'succeeded', 'canceled'));

CREATE INDEX ix_payments_receipt_not_registered ON payments (receipt_ask_at)
    WHERE status = 'SUCCEEDED' AND receipt_registration IN ('pending', 'canceled');
CREATE INDEX ix_refunds_receipt_not_registered ON refunds (receipt_ask_at)
    WHERE status = 'SUCCEEDED' AND receipt_registration IN ('pending', 'canceled');
