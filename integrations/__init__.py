"""What reaches out: chats, alert sources, paging, tickets, each in a folder or file of its own."""
