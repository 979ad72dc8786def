"""The addresses of materials (docs/contract.md, "Addresses")."""

from django.urls import path, register_converter
from django.urls.converters import SlugConverter

from .views import (
    category,
    changes,
    deadline,
    overview_page,
    photos,
    receipt,
    receipt_check,
    registration,
    submit,
    too_large,
)


class CategoryCode(SlugConverter):
    """A category's code; the fixed names below /materials/ are listed before it."""

    regex = "[A-Za-z0-9][A-Za-z0-9_-]{0,19}"


register_converter(CategoryCode, "code")

urlpatterns = [
    path("registration/", registration.show, name="registration"),
    path("materials/", overview_page.show, name="materials"),
    path("materials/submit/", submit.submit, name="submit"),
    path("materials/receipt/<int:number>/", receipt.show, name="receipt"),
    path("materials/receipt/<int:number>/receipt.pdf", receipt.download, name="receipt_pdf"),
    path("materials/deadline.ics", deadline.download, name="deadline"),
    path("receipts/check/", receipt_check.check, name="receipt_check"),
    path("materials/<code:code>/", category.show, name="category"),
    path("materials/<code:code>/photos/<uuid:photo_id>/delete/", changes.delete, name="delete_photo"),
    path("materials/<code:code>/photos/<uuid:photo_id>/restore/", changes.restore, name="restore_photo"),
    path("materials/<code:code>/photos/<uuid:photo_id>/move/", changes.move, name="move_photo"),
    path("materials/<code:code>/photos/<uuid:photo_id>/turn/", changes.turn, name="turn_photo"),
    path("materials/<code:code>/not-applicable/", changes.not_applicable, name="not_applicable"),
    path("materials/<code:code>/reply/", changes.reply, name="reply"),
    path("too-large", too_large.show, name="too_large"),
    path("photos/<uuid:photo_id>/", photos.show, name="photo"),
    path("photos/<uuid:photo_id>/thumb/", photos.show_thumb, name="thumb"),
]
