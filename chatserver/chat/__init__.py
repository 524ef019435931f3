"""Chats at /socket.io: Engine.IO 4 and Socket.IO 5 over WebSocket, conversations, and their history."""
