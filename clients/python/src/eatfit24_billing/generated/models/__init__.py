"""Contains all the data models used in inputs/outputs"""

from .access import Access
from .alarm_data import AlarmData
from .alarm_data_facts import AlarmDataFacts
from .autorenew_data import AutorenewData
from .autorenew_in import AutorenewIn
from .batch_member_out import BatchMemberOut
from .because import Because
from .billing_alarm_event import BillingAlarmEvent
from .billing_weekly_digest_event import BillingWeeklyDigestEvent
from .by_cause_out import ByCauseOut
from .canceled_data import CanceledData
from .canceled_data_purpose import CanceledDataPurpose
from .cancellation import Cancellation
from .cancellation_out import CancellationOut
from .card_binding_in import CardBindingIn
from .card_binding_out import CardBindingOut
from .case_out import CaseOut
from .case_out_status import CaseOutStatus
from .charge_in_flight_out import ChargeInFlightOut
from .charging_out import ChargingOut
from .commit_in import CommitIn
from .consent_in import ConsentIn
from .consent_list_out import ConsentListOut
from .consent_needed_data import ConsentNeededData
from .consent_out import ConsentOut
from .consume_in import ConsumeIn
from .create_payment_in import CreatePaymentIn
from .created_payment_out import CreatedPaymentOut
from .created_payment_out_not_saved_because_type_0 import CreatedPaymentOutNotSavedBecauseType0
from .created_payment_out_status import CreatedPaymentOutStatus
from .cut_out import CutOut
from .cut_out_by import CutOutBy
from .day_out import DayOut
from .delivered_in import DeliveredIn
from .ended_data import EndedData
from .entry_out import EntryOut
from .entry_out_kind import EntryOutKind
from .entry_out_state import EntryOutState
from .erasure_in import ErasureIn
from .erasure_out import ErasureOut
from .erasure_out_rows import ErasureOutRows
from .error import Error
from .error_code import ErrorCode
from .error_details import ErrorDetails
from .event_list_out import EventListOut
from .event_list_out_results_item import EventListOutResultsItem
from .extend_in import ExtendIn
from .extended_out import ExtendedOut
from .features_out import FeaturesOut
from .features_out_daily_limits import FeaturesOutDailyLimits
from .forecast_list_out import ForecastListOut
from .forecast_out import ForecastOut
from .grace_started_data import GraceStartedData
from .grant_batch_in import GrantBatchIn
from .grant_batch_out import GrantBatchOut
from .grant_in import GrantIn
from .grant_out import GrantOut
from .imported_data import ImportedData
from .index_out import IndexOut
from .inline_consent_in import InlineConsentIn
from .limit_reached_data import LimitReachedData
from .links_out import LinksOut
from .list_npd_register_state_type_0 import ListNpdRegisterStateType0
from .listed_consent_out import ListedConsentOut
from .live_test_in import LiveTestIn
from .live_test_out import LiveTestOut
from .live_test_out_status import LiveTestOutStatus
from .liveness_out import LivenessOut
from .lying_out import LyingOut
from .lying_out_cause import LyingOutCause
from .me_out import MeOut
from .method import Method
from .method_expiring_data import MethodExpiringData
from .method_out import MethodOut
from .method_refused_data import MethodRefusedData
from .method_saved_data import MethodSavedData
from .metric import Metric
from .month_out import MonthOut
from .move_in import MoveIn
from .move_out import MoveOut
from .move_out_moved import MoveOutMoved
from .moved_data import MovedData
from .new_plan_in import NewPlanIn
from .new_plan_in_daily_limits import NewPlanInDailyLimits
from .newest_consent_out import NewestConsentOut
from .next_charge_out import NextChargeOut
from .notice_out import NoticeOut
from .notification_out import NotificationOut
from .now_out import NowOut
from .open_payment_out import OpenPaymentOut
from .operation_out import OperationOut
from .operation_out_state import OperationOutState
from .operator_case_list_out import OperatorCaseListOut
from .operator_case_out import OperatorCaseOut
from .operator_case_out_status import OperatorCaseOutStatus
from .paid_data import PaidData
from .paid_data_purpose import PaidDataPurpose
from .payment_canceled_event import PaymentCanceledEvent
from .payment_detail_out import PaymentDetailOut
from .payment_detail_out_status import PaymentDetailOutStatus
from .payment_list_out import PaymentListOut
from .payment_method_ended_event import PaymentMethodEndedEvent
from .payment_method_expiring_event import PaymentMethodExpiringEvent
from .payment_method_out import PaymentMethodOut
from .payment_method_refused_event import PaymentMethodRefusedEvent
from .payment_method_saved_event import PaymentMethodSavedEvent
from .payment_out import PaymentOut
from .payment_out_status import PaymentOutStatus
from .payment_refunded_event import PaymentRefundedEvent
from .payment_succeeded_event import PaymentSucceededEvent
from .period_data import PeriodData
from .period_data_cause import PeriodDataCause
from .period_list_out import PeriodListOut
from .period_out import PeriodOut
from .plan_change_in import PlanChangeIn
from .plan_change_in_daily_limits import PlanChangeInDailyLimits
from .plan_change_out import PlanChangeOut
from .plan_change_out_after import PlanChangeOutAfter
from .plan_change_out_before_type_0 import PlanChangeOutBeforeType0
from .plan_history_out import PlanHistoryOut
from .plan_out import PlanOut
from .plan_record_out import PlanRecordOut
from .plan_record_out_daily_limits import PlanRecordOutDailyLimits
from .plan_revenue_out import PlanRevenueOut
from .plans_out import PlansOut
from .point_out import PointOut
from .point_out_by import PointOutBy
from .preview_in import PreviewIn
from .preview_out import PreviewOut
from .preview_out_begins import PreviewOutBegins
from .prospect_out import ProspectOut
from .prospect_out_access_type_0 import ProspectOutAccessType0
from .readiness_out import ReadinessOut
from .readiness_out_redis import ReadinessOutRedis
from .readiness_out_status import ReadinessOutStatus
from .receipt_contact_in import ReceiptContactIn
from .receipt_contact_out import ReceiptContactOut
from .receipt_data import ReceiptData
from .receipt_data_registration import ReceiptDataRegistration
from .receipt_in import ReceiptIn
from .receipt_not_registered_event import ReceiptNotRegisteredEvent
from .receipt_out import ReceiptOut
from .refund_cancellation_out import RefundCancellationOut
from .refund_in import RefundIn
from .refund_list_out import RefundListOut
from .refund_out import RefundOut
from .refund_out_access_type_0 import RefundOutAccessType0
from .refund_out_status import RefundOutStatus
from .refund_request_in import RefundRequestIn
from .refunded_data import RefundedData
from .refunded_data_access import RefundedDataAccess
from .refusal_out import RefusalOut
from .refuse_request_in import RefuseRequestIn
from .register_out import RegisterOut
from .renewal_charge_out import RenewalChargeOut
from .renewal_failed_data import RenewalFailedData
from .renewal_failed_data_reaction import RenewalFailedDataReaction
from .renewal_upcoming_data import RenewalUpcomingData
from .replay_out import ReplayOut
from .reserve_in import ReserveIn
from .reset_in import ResetIn
from .return_out import ReturnOut
from .return_out_status import ReturnOutStatus
from .revenue_out import RevenueOut
from .revoke_batch_in import RevokeBatchIn
from .revoke_in import RevokeIn
from .revoked_batch_out import RevokedBatchOut
from .running_plan_out import RunningPlanOut
from .running_plan_out_becomes import RunningPlanOutBecomes
from .series_out import SeriesOut
from .shortened_data import ShortenedData
from .shortened_data_cause import ShortenedDataCause
from .span import Span
from .state import State
from .status import Status
from .step import Step
from .stop_out import StopOut
from .strict_receipt_contact_in import StrictReceiptContactIn
from .subscriber_list_out import SubscriberListOut
from .subscriber_out import SubscriberOut
from .subscriber_out_cause_type_0 import SubscriberOutCauseType0
from .subscriber_out_daily_limits import SubscriberOutDailyLimits
from .subscribers_out import SubscribersOut
from .subscribers_out_by_plan import SubscribersOutByPlan
from .subscription_activated_event import SubscriptionActivatedEvent
from .subscription_autorenew_changed_event import SubscriptionAutorenewChangedEvent
from .subscription_consent_needed_event import SubscriptionConsentNeededEvent
from .subscription_ended_event import SubscriptionEndedEvent
from .subscription_extended_event import SubscriptionExtendedEvent
from .subscription_grace_started_event import SubscriptionGraceStartedEvent
from .subscription_imported_event import SubscriptionImportedEvent
from .subscription_moved_event import SubscriptionMovedEvent
from .subscription_out import SubscriptionOut
from .subscription_out_plan import SubscriptionOutPlan
from .subscription_out_plan_display import SubscriptionOutPlanDisplay
from .subscription_renewal_failed_event import SubscriptionRenewalFailedEvent
from .subscription_renewal_upcoming_event import SubscriptionRenewalUpcomingEvent
from .subscription_shortened_event import SubscriptionShortenedEvent
from .summary_out import SummaryOut
from .switch_in import SwitchIn
from .taken_out import TakenOut
from .timeline_entry_out import TimelineEntryOut
from .timeline_entry_out_data import TimelineEntryOutData
from .timeline_entry_out_kind import TimelineEntryOutKind
from .timeline_out import TimelineOut
from .usage_limit_reached_event import UsageLimitReachedEvent
from .usage_of_day_out import UsageOfDayOut
from .usage_out import UsageOut
from .usage_today_out import UsageTodayOut
from .used_beside_out import UsedBesideOut
from .user_state_list_out import UserStateListOut
from .user_state_out import UserStateOut
from .users_query_in import UsersQueryIn
from .weekly_digest_data import WeeklyDigestData
from .withdrawn_consent_out import WithdrawnConsentOut

__all__ = (
    "Access",
    "AlarmData",
    "AlarmDataFacts",
    "AutorenewData",
    "AutorenewIn",
    "BatchMemberOut",
    "Because",
    "BillingAlarmEvent",
    "BillingWeeklyDigestEvent",
    "ByCauseOut",
    "CanceledData",
    "CanceledDataPurpose",
    "Cancellation",
    "CancellationOut",
    "CardBindingIn",
    "CardBindingOut",
    "CaseOut",
    "CaseOutStatus",
    "ChargeInFlightOut",
    "ChargingOut",
    "CommitIn",
    "ConsentIn",
    "ConsentListOut",
    "ConsentNeededData",
    "ConsentOut",
    "ConsumeIn",
    "CreatedPaymentOut",
    "CreatedPaymentOutNotSavedBecauseType0",
    "CreatedPaymentOutStatus",
    "CreatePaymentIn",
    "CutOut",
    "CutOutBy",
    "DayOut",
    "DeliveredIn",
    "EndedData",
    "EntryOut",
    "EntryOutKind",
    "EntryOutState",
    "ErasureIn",
    "ErasureOut",
    "ErasureOutRows",
    "Error",
    "ErrorCode",
    "ErrorDetails",
    "EventListOut",
    "EventListOutResultsItem",
    "ExtendedOut",
    "ExtendIn",
    "FeaturesOut",
    "FeaturesOutDailyLimits",
    "ForecastListOut",
    "ForecastOut",
    "GraceStartedData",
    "GrantBatchIn",
    "GrantBatchOut",
    "GrantIn",
    "GrantOut",
    "ImportedData",
    "IndexOut",
    "InlineConsentIn",
    "LimitReachedData",
    "LinksOut",
    "ListedConsentOut",
    "ListNpdRegisterStateType0",
    "LivenessOut",
    "LiveTestIn",
    "LiveTestOut",
    "LiveTestOutStatus",
    "LyingOut",
    "LyingOutCause",
    "MeOut",
    "Method",
    "MethodExpiringData",
    "MethodOut",
    "MethodRefusedData",
    "MethodSavedData",
    "Metric",
    "MonthOut",
    "MovedData",
    "MoveIn",
    "MoveOut",
    "MoveOutMoved",
    "NewestConsentOut",
    "NewPlanIn",
    "NewPlanInDailyLimits",
    "NextChargeOut",
    "NoticeOut",
    "NotificationOut",
    "NowOut",
    "OpenPaymentOut",
    "OperationOut",
    "OperationOutState",
    "OperatorCaseListOut",
    "OperatorCaseOut",
    "OperatorCaseOutStatus",
    "PaidData",
    "PaidDataPurpose",
    "PaymentCanceledEvent",
    "PaymentDetailOut",
    "PaymentDetailOutStatus",
    "PaymentListOut",
    "PaymentMethodEndedEvent",
    "PaymentMethodExpiringEvent",
    "PaymentMethodOut",
    "PaymentMethodRefusedEvent",
    "PaymentMethodSavedEvent",
    "PaymentOut",
    "PaymentOutStatus",
    "PaymentRefundedEvent",
    "PaymentSucceededEvent",
    "PeriodData",
    "PeriodDataCause",
    "PeriodListOut",
    "PeriodOut",
    "PlanChangeIn",
    "PlanChangeInDailyLimits",
    "PlanChangeOut",
    "PlanChangeOutAfter",
    "PlanChangeOutBeforeType0",
    "PlanHistoryOut",
    "PlanOut",
    "PlanRecordOut",
    "PlanRecordOutDailyLimits",
    "PlanRevenueOut",
    "PlansOut",
    "PointOut",
    "PointOutBy",
    "PreviewIn",
    "PreviewOut",
    "PreviewOutBegins",
    "ProspectOut",
    "ProspectOutAccessType0",
    "ReadinessOut",
    "ReadinessOutRedis",
    "ReadinessOutStatus",
    "ReceiptContactIn",
    "ReceiptContactOut",
    "ReceiptData",
    "ReceiptDataRegistration",
    "ReceiptIn",
    "ReceiptNotRegisteredEvent",
    "ReceiptOut",
    "RefundCancellationOut",
    "RefundedData",
    "RefundedDataAccess",
    "RefundIn",
    "RefundListOut",
    "RefundOut",
    "RefundOutAccessType0",
    "RefundOutStatus",
    "RefundRequestIn",
    "RefusalOut",
    "RefuseRequestIn",
    "RegisterOut",
    "RenewalChargeOut",
    "RenewalFailedData",
    "RenewalFailedDataReaction",
    "RenewalUpcomingData",
    "ReplayOut",
    "ReserveIn",
    "ResetIn",
    "ReturnOut",
    "ReturnOutStatus",
    "RevenueOut",
    "RevokeBatchIn",
    "RevokedBatchOut",
    "RevokeIn",
    "RunningPlanOut",
    "RunningPlanOutBecomes",
    "SeriesOut",
    "ShortenedData",
    "ShortenedDataCause",
    "Span",
    "State",
    "Status",
    "Step",
    "StopOut",
    "StrictReceiptContactIn",
    "SubscriberListOut",
    "SubscriberOut",
    "SubscriberOutCauseType0",
    "SubscriberOutDailyLimits",
    "SubscribersOut",
    "SubscribersOutByPlan",
    "SubscriptionActivatedEvent",
    "SubscriptionAutorenewChangedEvent",
    "SubscriptionConsentNeededEvent",
    "SubscriptionEndedEvent",
    "SubscriptionExtendedEvent",
    "SubscriptionGraceStartedEvent",
    "SubscriptionImportedEvent",
    "SubscriptionMovedEvent",
    "SubscriptionOut",
    "SubscriptionOutPlan",
    "SubscriptionOutPlanDisplay",
    "SubscriptionRenewalFailedEvent",
    "SubscriptionRenewalUpcomingEvent",
    "SubscriptionShortenedEvent",
    "SummaryOut",
    "SwitchIn",
    "TakenOut",
    "TimelineEntryOut",
    "TimelineEntryOutData",
    "TimelineEntryOutKind",
    "TimelineOut",
    "UsageLimitReachedEvent",
    "UsageOfDayOut",
    "UsageOut",
    "UsageTodayOut",
    "UsedBesideOut",
    "UsersQueryIn",
    "UserStateListOut",
    "UserStateOut",
    "WeeklyDigestData",
    "WithdrawnConsentOut",
)
