"""What a letter says and how it is made: words with placeholders, lines with pesos, the PDF, the QR."""
