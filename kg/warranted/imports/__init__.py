"""Spreadsheets in: the rows of a CSV or XLSX file as records, with what is wrong with each cell.

files       measures and opens the file, and reads its rows
mapping     how somebody's own table is written: a TOML file
layout      which sheet and which column is what
cells       what a cell holds as a field's value; text as a cell that is safe to export
trees       values as a record
tables      all of it: `read_table`
"""
