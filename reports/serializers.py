from rest_framework import serializers
from rest_framework.reverse import reverse

from reports.models import Report, ReportFile


class ReportFileSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField()

    class Meta:
        model = ReportFile
        fields = ["format", "part", "size", "sha256", "url"]

    def get_url(self, row: ReportFile) -> str:
        names = {"id": row.report.public_id}
        request = self.context["request"]
        if row.part:
            return reverse("api-v1:reports-part", kwargs=names | {"part": row.part}, request=request)
        return reverse("api-v1:reports-file", kwargs=names | {"file_format": row.format}, request=request)


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
            "as_at",
            "is_final",
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
