"""What runs before and after every view: the gate, the headers, and errors as problem documents."""
