"""Results as files. ``columns``: what is in them, and how a row of it is read from the database; ``copying``: how
the database's own COPY streams; ``cells``: what makes a cell harmless; ``files``: the CSV and the workbook.
"""
