"""What a person at the terminal is told when the server is ready."""

from pathlib import Path
from shlex import quote

_EXAMPLE = Path(__file__).resolve().parents[1] / "docs" / "example.jpg"


def greeting(base_url: str, *, local_accounts: bool) -> str:
    """The address, the documentation, and what to try next: lines that work when they are pasted."""
    api = f"{base_url}/api/v1"
    lines = ["", f"photostore listens at {base_url}", f"documentation        {base_url}/docs", ""]
    if not local_accounts:
        return "\n".join([*lines, f"Sign in with a browser: {api}/auth/login", ""])
    photo = quote(str(_EXAMPLE)) if _EXAMPLE.exists() else "photo.jpg"
    who = """'{"email": "ada@example.org", "password": "correct horse battery"}'"""
    json = "-H 'Content-Type: application/json'"
    token = """sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/'"""  # noqa: S105 - how to find one
    return "\n".join(
        [
            *lines,
            "Try it: register, get a token, upload a photo:",
            f"  curl {api}/auth/register {json} -d {who}",
            f"  TOKEN=$(curl -s {api}/auth/login {json} -d {who} | {token})",
            f'  curl {api}/photos -H "Authorization: Bearer $TOKEN" -F hashtags=first -F file=@{photo}',
            "",
            "Ctrl-C stops it.",
        ]
    )
