"""What other systems read: the OGC API – Features of cells, parts and public cases."""
