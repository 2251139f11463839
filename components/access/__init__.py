"""Who may do what: policy documents as pure functions of names, and the roles that carry them."""
