"""Training of the nets and edge weights of the built-in selector."""
