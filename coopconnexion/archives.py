"""Zip files that people bring (XLSX, ODS, DOCX, ODT): what they unpack to is bounded before anything reads them."""

import zlib
from typing import BinaryIO
from zipfile import BadZipFile, LargeZipFile, ZipFile

from django.core.exceptions import ValidationError

CHUNK = 1 << 16
ENCRYPTED = 0x1
DAMAGED = "Ce fichier est abîmé ou incomplet : ouvrez-le, enregistrez-le à nouveau, puis renvoyez-le."
TOO_LARGE = "Ce fichier contient beaucoup plus que sa taille ne l’annonce ; il est refusé par prudence."
LOCKED = "Ce fichier est protégé par un mot de passe : enregistrez-en une copie sans mot de passe, puis renvoyez-la."


def open_archive(file: BinaryIO, *, max_bytes: int, max_ratio: int = 200, max_members: int = 2_000) -> ZipFile:
    """Return the zip file once its whole content is known to unpack to ``max_bytes`` at most.

    The directory is believed only to refuse: every member is then unpacked, in pieces, against its size and checksum.

    :raises ValidationError: archive_damaged, archive_too_large, file_locked
    """
    file.seek(0)
    try:
        archive = ZipFile(file)
        check_directory(archive, max_bytes=max_bytes, max_ratio=max_ratio, max_members=max_members)
        for each in archive.infolist():
            with archive.open(each) as member:
                while member.read(CHUNK):
                    pass
    except (BadZipFile, LargeZipFile, EOFError, OSError, NotImplementedError, ValueError, zlib.error) as error:
        raise ValidationError(DAMAGED, code="archive_damaged") from error
    return archive


def check_directory(archive: ZipFile, *, max_bytes: int, max_ratio: int, max_members: int) -> None:
    members = archive.infolist()
    if any(each.flag_bits & ENCRYPTED for each in members):
        raise ValidationError(LOCKED, code="file_locked")
    unpacked, packed = sum(each.file_size for each in members), sum(each.compress_size for each in members)
    suspicious = unpacked > 1_000_000 and unpacked > max_ratio * packed
    if len(members) > max_members or unpacked > max_bytes or suspicious:
        raise ValidationError(TOO_LARGE, code="archive_too_large")
