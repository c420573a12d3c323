"""The service for programs: JSON below ``api/v1/``, described in docs/openapi.json."""
