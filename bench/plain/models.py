from django.conf import settings
from django.db import models


class Site(models.Model):
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Category(models.Model):
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    max_photos = models.PositiveSmallIntegerField(default=20)

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self):
        return self.name


class Candidate(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    registration_number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    id_number = models.CharField(max_length=18)
    phone = models.CharField(max_length=20, blank=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    track = models.CharField(max_length=20)
    level = models.CharField(max_length=20)

    def __str__(self):
        return f"{self.registration_number} {self.name}"


class Submission(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        RETURNED = "returned"
        PASSED = "passed"
        REJECTED = "rejected"

    candidate = models.OneToOneField(Candidate, on_delete=models.CASCADE)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    opinion = models.TextField(blank=True)

    class Meta:
        # In favour of this project: the order in which the next one is looked for.
        indexes = [models.Index(fields=["status", "submitted_at"])]

    def __str__(self):
        return str(self.candidate)


class Photo(models.Model):
    class Verdict(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        CHANGE_REQUESTED = "change_requested"

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="photos")
    category = models.ForeignKey(Category, on_delete=models.PROTECT)
    image = models.ImageField(upload_to="photos/%Y/%m/%d")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    verdict = models.CharField(max_length=20, choices=Verdict, default=Verdict.PENDING)
    note = models.CharField(max_length=300, blank=True)

    def __str__(self):
        return self.image.name
