DROP TRIGGER conclude_refund_request ON refunds;
DROP FUNCTION conclude_refund_request();
DROP TABLE refund_requests;
