"""The built-in room in the browser: server-rendered pages that work without a script and are live with one."""
