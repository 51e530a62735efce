"""Read-only screens that join rooms. They read any room's tables or doors, write nothing, and serve faces only."""
