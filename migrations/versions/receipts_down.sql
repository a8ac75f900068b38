ALTER TABLE refunds DROP COLUMN receipt_registration, DROP COLUMN receipt_ask_at;
ALTER TABLE payments
    DROP COLUMN receipt_registration, DROP COLUMN receipt_ask_at, DROP COLUMN receipt_description,
    DROP COLUMN receipt_vat_code, DROP COLUMN receipt_tax_system_code, DROP COLUMN receipt_subject,
    DROP COLUMN receipt_mode;
ALTER TABLE subscription_plans DROP COLUMN vat_code;
DROP TABLE shop_fiscalization, receipt_contacts;
