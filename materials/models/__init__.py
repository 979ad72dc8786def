"""What is handed in: categories, applications, their items and photos, submissions, reasons, rosters."""

from .applications import Application, Item, Submission
from .catalogue import Category, Reason, all_formats
from .photos import REMOVED, Likeness, Photo, application_folder, photo_name, photo_path, photo_storage, thumb_name
from .rosters import RosterLoad
from .tallies import ApplicationTally

__all__ = [
    "REMOVED",
    "Application",
    "ApplicationTally",
    "Category",
    "Item",
    "Likeness",
    "Photo",
    "Reason",
    "RosterLoad",
    "Submission",
    "all_formats",
    "application_folder",
    "photo_name",
    "photo_path",
    "photo_storage",
    "thumb_name",
]
