"""Who uses this backend, and what it was told about them."""

from django.db import models


class Person(models.Model):
    """`id` is what the billing service calls the user: never the number of Telegram."""

    telegram_id = models.BigIntegerField(unique=True)


class BillingEvent(models.Model):
    """An event that was taken; the service sends it until it is."""

    id = models.UUIDField(primary_key=True)
    type = models.CharField(max_length=100)
    user_id = models.BigIntegerField(null=True)
    feed_no = models.BigIntegerField()
    told_at = models.DateTimeField(null=True)


class BillingState(models.Model):
    """A user's subscription, as the event with the highest number tells it."""

    user_id = models.BigIntegerField(primary_key=True)
    user_seq = models.BigIntegerField()
    state = models.JSONField()


class Message(models.Model):
    """What a user was told. A real backend hands it to Telegram; here it is kept to be looked at."""

    user_id = models.BigIntegerField()
    text = models.TextField()
