"""The measurements behind the numbers that README states; run by hand."""
