"""The letter as a recipient receives it: the signed PDF behind a password."""

import io

import pikepdf

from consultdesk.errors import LetterUnprintable


def protect(pdf: bytes, password: str) -> bytes:
    """Encrypt a PDF with AES-256 (ISO 32000-2, security handler revision 6).

    Without the password it doesn't open; with it the letter may be read, printed and copied,
    not changed. Raises LetterUnprintable for an empty password.
    """
    if not password:
        raise LetterUnprintable("A protected letter needs a password.", cure="Choose one.")
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(
            out,
            encryption=pikepdf.Encryption(
                user=password,
                owner=password,
                R=6,
                allow=pikepdf.Permissions(modify_other=False, modify_assembly=False),
            ),
        )
    return out.getvalue()


def page_count(pdf: bytes) -> int:
    """How many pages a letter has."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)
