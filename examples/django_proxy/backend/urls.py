"""Where what is asked for is done."""

from billing import analyses, events, profile, proxy
from django.urls import path, re_path

urlpatterns = [
    # YooKassa's notifications go past this backend: nginx sends /api/v1/billing/webhooks/ to the service.
    re_path(r"^api/v1/billing/(?P<rest>(?!webhooks/).*)$", proxy.pass_on),
    path("api/v1/analyses/", analyses.analyse_photo),
    path("api/v1/profile/", profile.show),
    path("billing/events/", events.receive),
]
