DROP TABLE
    daily_usage, webhook_logs, refunds, subscription_periods, payments, subscriptions, subscription_plans;
DROP FUNCTION billing_now();
