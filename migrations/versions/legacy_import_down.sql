DROP TABLE legacy_differences, legacy_access, legacy_imports;
DROP TRIGGER tell_of_payment_method ON payment_methods;
CREATE TRIGGER tell_of_payment_method AFTER INSERT ON payment_methods
    FOR EACH ROW EXECUTE FUNCTION tell_of_payment_method();
DROP TRIGGER refused_here_is_not_imported ON payment_methods;
DROP FUNCTION refused_here_is_not_imported();
ALTER TABLE payment_methods ALTER COLUMN consent_id SET NOT NULL;
