// The program of the long benchmarks: every kind of answer a front door carries, each of them
// such that the client can tell whether it came whole.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const block = Buffer.alloc(64 * 1024, 'x');

const routes = {
  '/': (_request, response) => response.end('well'),
  '/who': (_request, response) => json(response, { pid: process.pid }),
  '/json': (_request, response, query) => json(response, { echo: query.get('value') }),
  '/slow': (_request, response, query) =>
    setTimeout(() => json(response, { echo: query.get('value') }), Number(query.get('ms'))),
  '/bytes': (_request, response, query) => bytes(response, Number(query.get('n'))),
  '/digest': (request, response) => {
    const hash = createHash('sha256');
    request.on('data', (chunk) => hash.update(chunk));
    request.on('end', () => json(response, { sha256: hash.digest('hex') }));
  },
  '/events': (_request, response, query) =>
    events(response, Number(query.get('n')), Number(query.get('ms'))),
};

function json(response, value) {
  const text = JSON.stringify(value);
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function bytes(response, size) {
  response.writeHead(200, { 'content-length': size });
  let left = size;
  const more = () => {
    while (left > 0) {
      const part = left >= block.length ? block : block.subarray(0, left);
      left -= part.length;
      if (!response.write(part)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

function events(response, total, everyMs) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    response.write(`id: ${sent}\ndata: event ${sent} of ${total}\n\n`);
    if (sent < total) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.on('close', () => clearInterval(timer));
}

// What a busy moment has opened is closed again soon after it.
const server = createServer({ keepAliveTimeout: 20_000 }, (request, response) => {
  const url = new URL(request.url, 'http://program');
  const route = routes[url.pathname.replace(/^\/(lambda|fargate)(?=\/)/, '')];
  if (route !== undefined) {
    route(request, response, url.searchParams);
    return;
  }
  response.statusCode = 404;
  response.end('none');
});

const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('error', () => {});
});

server.listen(process.env.PORT, '0.0.0.0', () => console.log(`listening on ${process.env.PORT}`));

process.on('SIGTERM', () => {
  // 1001: going away. A client that is told opens another one, at another task.
  for (const socket of sockets.clients) socket.close(1001);
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
