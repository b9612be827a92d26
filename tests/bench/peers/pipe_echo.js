// node's streams: each connection piped into itself. pipe_echo.js PORT
require('net').createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.pipe(socket);
}).listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
