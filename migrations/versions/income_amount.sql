-- What the provider's fee leaves of a payment, as it reports it. Null of those it did not say it of yet.

ALTER TABLE payments ADD COLUMN income_amount NUMERIC(12, 2);
