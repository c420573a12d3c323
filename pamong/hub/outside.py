"""Logging in with an account from elsewhere, by OAuth 2 or LTI 1.3; the service's people still decide.

The hub knows people by their id in the roster, so what vouches for them must tell that id.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from jupyterhub.auth import Authenticator

from pamong.errors import CourseError
from pamong.hub.settings import Settings

_OAUTH = {
    "client_id": "PAMONG_OAUTH_CLIENT_ID",
    "client_secret": "PAMONG_OAUTH_CLIENT_SECRET",
    "authorize_url": "PAMONG_OAUTH_AUTHORIZE_URL",
    "token_url": "PAMONG_OAUTH_TOKEN_URL",
    "userdata_url": "PAMONG_OAUTH_USERDATA_URL",
    "username_claim": "PAMONG_OAUTH_USERNAME",
    "login_service": "PAMONG_OAUTH_NAME",
}
_LTI = {
    "issuer": "PAMONG_LTI_ISSUER",
    "client_id": "PAMONG_LTI_CLIENT_ID",
    "authorize_url": "PAMONG_LTI_AUTHORIZE_URL",
    "jwks_endpoint": "PAMONG_LTI_JWKS_URL",
    "username_key": "PAMONG_LTI_USERNAME",
}


def oauth(c: Any, settings: Settings, given: Mapping[str, str] = os.environ) -> type[Authenticator]:
    """Configure OAuth 2 from the environment; CourseError names what is not set."""
    found = _told(_OAUTH, given)
    try:
        from oauthenticator.generic import GenericOAuthenticator  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise CourseError(_MISSING) from error
    for trait, value in found.items():
        setattr(c.GenericOAuthenticator, trait, value)
    c.GenericOAuthenticator.oauth_callback_url = f"{settings.public_url}/hub/oauth_callback"
    c.GenericOAuthenticator.scope = given.get("PAMONG_OAUTH_SCOPE", "openid profile").split()
    return GenericOAuthenticator  # type: ignore[no-any-return]


def lti(c: Any, settings: Settings, given: Mapping[str, str] = os.environ) -> type[Authenticator]:
    """Configure LTI 1.3 from the environment; CourseError names what is not set, or that it needs TLS."""
    found = _told(_LTI, given)
    if not settings.public_url.startswith("https://"):
        raise CourseError("LTI needs HTTPS. Set PAMONG_PUBLIC_URL to https://…")
    try:
        from ltiauthenticator.lti13.auth import LTI13Authenticator  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise CourseError(_MISSING) from error
    c.LTI13Authenticator.issuer = found["issuer"]
    c.LTI13Authenticator.client_id = {found["client_id"]}
    c.LTI13Authenticator.authorize_url = found["authorize_url"]
    c.LTI13Authenticator.jwks_endpoint = found["jwks_endpoint"]
    c.LTI13Authenticator.username_key = found["username_key"]
    c.LTI13Authenticator.uri_scheme = "https"
    return LTI13Authenticator  # type: ignore[no-any-return]


_MISSING = "This way to log in is not installed. Run scripts/setup serve."


def _told(names: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    missing = [variable for variable in names.values() if not given.get(variable, "").strip()]
    if missing:
        raise CourseError(f"{', '.join(missing)} must be set to log in this way (docs/hub.md).")
    return {trait: given[variable].strip() for trait, variable in names.items()}
