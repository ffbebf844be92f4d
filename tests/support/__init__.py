"""What tests share, one module for each part of the product."""
