"""总览: what one authority's line has received and passed on, in figures, pictures and a workbook."""
