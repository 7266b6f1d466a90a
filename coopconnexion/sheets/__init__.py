"""Tables in and out: what people bring in spreadsheets, checked cell by cell, and what they take away.

columns = [Column("month", "Mois", values.month(), required=True, filled=True), …]
table = read_table(upload, name=upload.name, columns=columns)  # ValidationError: the file itself is refused
for row in table:                                             # Row(number, values, errors)
    …
return csv_response("projets.csv", ["Titre", "Ouvert le"], ([p.title, p.opened_on] for p in projects.iterator()))
"""

from coopconnexion.sheets import values
from coopconnexion.sheets.choosing import ChosenRow, ChosenTable, Sheet, labels_at, open_chosen, sheets_of
from coopconnexion.sheets.reading import CellError, Column, Row, Table, read_table
from coopconnexion.sheets.sources import Limits
from coopconnexion.sheets.writing import csv_response, write_xlsx, xlsx_response

__all__ = [
    "CellError",
    "ChosenRow",
    "ChosenTable",
    "Column",
    "Limits",
    "Row",
    "Sheet",
    "Table",
    "csv_response",
    "labels_at",
    "open_chosen",
    "read_table",
    "sheets_of",
    "values",
    "write_xlsx",
    "xlsx_response",
]
