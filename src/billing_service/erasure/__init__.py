"""A user has his data erased (152-FZ, article 21): what says who he is goes, his money stays under his number."""
