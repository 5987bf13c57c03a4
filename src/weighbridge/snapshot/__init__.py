"""Opening a subject: walking, sniffing, hashing. One read of a file gives every digest."""
