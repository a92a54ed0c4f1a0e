"""Many proposals in one workbook: its layout, how it is written and how it is read. `services.batches` keeps them."""
