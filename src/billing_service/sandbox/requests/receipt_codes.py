"""The closed lists of 54-FZ: rates, tax systems, what is sold, how it is paid, in what it is measured."""

# 1 no VAT, 2 0%, 3 10%, 4 20%, 5 10/110, 6 20/120, 7 5%, 8 7%, 9 5/105, 10 7/107, 11 22%, 12 22/122
VAT_CODES = frozenset(str(code) for code in range(1, 13))
TAX_SYSTEMS = frozenset(range(1, 7))

MODES = frozenset(
    {
        "full_prepayment",
        "partial_prepayment",
        "advance",
        "full_payment",
        "partial_payment",
        "credit",
        "credit_payment",
    }
)
SUBJECTS = frozenset(
    {
        "commodity",
        "excise",
        "job",
        "service",
        "gambling_bet",
        "gambling_prize",
        "lottery",
        "lottery_prize",
        "intellectual_activity",
        "payment",
        "agent_commission",
        "property_right",
        "non_operating_gain",
        "insurance_premium",
        "sales_tax",
        "resort_fee",
        "composite",
        "another",
        "fine",
        "tax",
        "lien",
        "cost",
        "pension_insurance_without_payouts",
        "pension_insurance_with_payouts",
        "health_insurance_without_payouts",
        "health_insurance_with_payouts",
        "health_insurance",
        "casino",
        "agent_withdrawals",
        "marked",
        "non_marked",
        "marked_excise",
        "non_marked_excise",
    }
)
MEASURES = frozenset(
    {
        "piece",
        "gram",
        "kilogram",
        "ton",
        "centimeter",
        "decimeter",
        "meter",
        "square_centimeter",
        "square_decimeter",
        "square_meter",
        "milliliter",
        "liter",
        "cubic_meter",
        "kilowatt_hour",
        "gigacalorie",
        "day",
        "hour",
        "minute",
        "second",
        "kilobyte",
        "megabyte",
        "gigabyte",
        "terabyte",
        "another",
    }
)
SETTLEMENTS = frozenset({"cashless", "prepayment", "postpayment", "consideration"})
PROVIDERS = frozenset(
    {
        "atol",
        "avanpost",
        "a_qsi",
        "business_ru",
        "digital_kassa",
        "evotor",
        "first_ofd",
        "kit_invest",
        "komtet",
        "life_pay",
        "mertrade",
        "modul_kassa",
        "rocket",
        "shtrih_m",
        "yoo_receipt",
    }
)
