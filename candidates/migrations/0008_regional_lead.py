from django.db import migrations, models

ROLES = ["candidate", "site_reviewer", "region_reviewer", "region_staff", "region_lead", "administrator"]


class Migration(migrations.Migration):
    dependencies = [("candidates", "0007_what_lists_say")]

    operations = [
        migrations.RemoveConstraint(model_name="user", name="user_role_is_known"),
        migrations.RemoveConstraint(model_name="user", name="user_place_fits_role"),
        migrations.AlterField(
            model_name="user",
            name="role",
            field=models.CharField(
                choices=[
                    ("candidate", "Candidate"),
                    ("site_reviewer", "Site reviewer"),
                    ("region_reviewer", "Region reviewer"),
                    ("region_staff", "Regional staff"),
                    ("region_lead", "Regional lead"),
                    ("administrator", "Administrator"),
                ],
                max_length=20,
                verbose_name="role",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(condition=models.Q(("role__in", ROLES)), name="user_role_is_known"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("region", None), ("role__in", ["candidate", "administrator"]), ("site", None)),
                    models.Q(("region__isnull", False), ("role", "site_reviewer"), ("site__isnull", False)),
                    models.Q(
                        ("region__isnull", False),
                        ("role__in", ["region_reviewer", "region_staff", "region_lead"]),
                        ("site", None),
                    ),
                    _connector="OR",
                ),
                name="user_place_fits_role",
                violation_error_message="A site reviewer needs a region and a site; region reviewers and regional staff need a region and no site; an administrator has neither.",
            ),
        ),
    ]
