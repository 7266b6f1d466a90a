#!/usr/bin/env python
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coopconnexion.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # a variable that lacks: its name is all one needs
        sys.exit(f"{error}")
