"""Chats at /socket.io: Engine.IO 4 and Socket.IO 5 on a WebSocket, the conversations, and their history."""
