from rest_framework import serializers
from rest_framework.reverse import reverse

from reports.models import Report, ReportFile


class ReportFileSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField()

    class Meta:
        model = ReportFile
        fields = ["format", "size", "sha256", "url"]

    def get_url(self, row: ReportFile) -> str:
        names = {"id": row.report.public_id, "file_format": row.format}
        return reverse("api-v1:reports-file", kwargs=names, request=self.context["request"])


class ReportSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    files = ReportFileSerializer(many=True, read_only=True)

    class Meta:
        model = Report
        fields = [
            "id",
            "kind",
            "period",
            "state",
            "municipality",
            "language",
            "status",
            "progress",
            "asked_at",
            "finished_at",
            "error",
            "totals",
            "files",
            "updated_at",
        ]
