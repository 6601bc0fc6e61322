"""What very many followers and servers would cost, computed from what single operations cost."""
