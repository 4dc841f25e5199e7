// The demo API on node:http, with ws for the WebSocket: a few answers and a few kinds of load.
// Every path is in the `routes` table; ../README.md has the contract that this version shares
// with the Go and Python ones.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

const BLOCK_BYTES = 64 * 1024;
const MIB = 1024 * 1024;
const KEEP_ALIVE_MS = 75_000;
const GRACE_MS = 9_000;

const GET = ['GET', 'HEAD'];
const POST = ['POST'];

const port = Number(process.env.PORT ?? 8080);
const compute = findCompute();
const instance = randomBytes(4).toString('hex');
const held = [];
let served = 0;

const routes = new Map([
  ['/', { methods: GET, run: hello }],
  ['/hello', { methods: GET, run: hello }],
  ['/health', { methods: GET, run: health }],
  ['/cpu', { methods: GET, run: cpu }],
  ['/slow', { methods: GET, run: slow }],
  ['/stream', { methods: GET, run: stream }],
  ['/large', { methods: GET, run: large }],
  ['/echo', { methods: POST, run: echo }],
  ['/headers', { methods: GET, run: headers }],
  ['/status', { methods: GET, run: status }],
  ['/memory', { methods: GET, run: memory }],
  ['/crash', { methods: GET, run: crash }],
  ['/env', { methods: GET, run: env }],
  ['/ws', { methods: GET, run: upgradeRequired }],
]);

class BadNumber extends Error {}

function findCompute() {
  if (process.env.AWS_LAMBDA_FUNCTION_NAME) return 'lambda';
  return process.env.AWS_EXECUTION_ENV === 'AWS_ECS_FARGATE' ? 'fargate' : 'local';
}

// --- The routes -------------------------------------------------------------------------------

function hello({ res, path }) {
  sendJson(res, 200, { message: 'hello', compute, instance, path, served });
}

function health({ res }) {
  sendJson(res, 200, { status: 'ok', compute });
}

// Blocks the event loop on purpose: this is what work on the processor does to a Node program.
function cpu({ res, params }) {
  const busyMs = numberParam(params, 'ms', { fallback: 50, max: 10_000 });
  const end = performance.now() + busyMs;
  while (performance.now() < end);
  sendJson(res, 200, { compute, busyMs });
}

async function slow({ res, params, gone }) {
  const waitedMs = numberParam(params, 'ms', { fallback: 1000, max: 900_000 });
  await sleep(waitedMs, undefined, { signal: gone });
  sendJson(res, 200, { compute, waitedMs });
}

async function stream({ req, res, params, gone }) {
  const chunks = numberParam(params, 'chunks', { fallback: 5, max: 1_000_000 });
  const everyMs = numberParam(params, 'everyMs', { fallback: 100, max: 900_000 });
  res.writeHead(200, { 'Content-Type': 'text/plain' });
  if (req.method !== 'HEAD') {
    for (let n = 1; n <= chunks; n += 1) {
      if (n > 1) await sleep(everyMs, undefined, { signal: gone });
      res.write(`chunk ${n}\n`);
    }
  }
  res.end();
}

async function large({ req, res, params }) {
  const bytes = numberParam(params, 'bytes', { fallback: 2_000_000, max: 4 * 1024 * MIB });
  res.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes });
  if (req.method === 'HEAD') res.end();
  else await pipeline(blocksOf(bytes), res);
}

function* blocksOf(bytes) {
  const block = Buffer.alloc(BLOCK_BYTES, 'x');
  for (let left = bytes; left > 0; left -= BLOCK_BYTES) {
    yield left < BLOCK_BYTES ? block.subarray(0, left) : block;
  }
}

async function echo({ req, res }) {
  const length = req.headers['content-length'];
  res.setHeader('Content-Type', req.headers['content-type'] ?? 'application/octet-stream');
  if (length !== undefined) res.setHeader('Content-Length', length);
  await pipeline(req, res);
}

function headers({ req, res, path, query }) {
  const pairs = [];
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    pairs.push([req.rawHeaders[i].toLowerCase(), req.rawHeaders[i + 1]]);
  }
  sendJson(res, 200, { compute, method: req.method, path, query, headers: pairs });
}

function status({ res, params }) {
  const code = numberParam(params, 'code', { fallback: 503, min: 200, max: 599 });
  if (code === 204 || code === 304) res.writeHead(code).end();
  else sendJson(res, code, { compute, status: code });
}

function memory({ res, params }) {
  const mb = numberParam(params, 'mb', { fallback: 100, max: 10_240 });
  for (let n = 0; n < mb; n += 1) held.push(Buffer.alloc(MIB, 1));
  sendJson(res, 200, { compute, heldMb: held.length });
}

function crash() {
  console.error('crashing');
  process.exit(1);
}

function env({ res, path, params }) {
  const name = params.get('name');
  if (name === 'DEMO_GREETING' || name === 'DEMO_SECRET') {
    sendJson(res, 200, { compute, name, value: process.env[name] ?? null });
  } else {
    sendError(res, 404, 'not found', path);
  }
}

function upgradeRequired({ res, path }) {
  res.setHeader('Connection', 'Upgrade');
  res.setHeader('Upgrade', 'websocket');
  sendError(res, 426, 'upgrade required', path);
}

// --- Requests and answers ---------------------------------------------------------------------

// The route is the path without a leading /lambda or /fargate.
function locate(req) {
  const mark = req.url.indexOf('?');
  const path = mark < 0 ? req.url : req.url.slice(0, mark);
  const query = mark < 0 ? '' : req.url.slice(mark + 1);
  return { path, query, route: path.replace(/^\/(lambda|fargate)(?=\/|$)/, '') || '/' };
}

function numberParam(params, name, { fallback, min = 0, max }) {
  const text = params.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) throw new BadNumber(name);
  return value;
}

function sendJson(res, code, fields) {
  const body = JSON.stringify(fields);
  if (!server.listening) res.setHeader('Connection', 'close');
  res.writeHead(code, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  res.end(body);
}

function sendError(res, code, error, path) {
  sendJson(res, code, { error, compute, path });
}

async function answer(req, res) {
  const { path, query, route } = locate(req);
  if (route !== '/health') served += 1;

  const found = routes.get(route);
  if (!found) return sendError(res, 404, 'not found', path);

  if (!found.methods.includes(req.method)) {
    res.setHeader('Allow', found.methods.join(', '));
    return sendError(res, 405, 'method not allowed', path);
  }

  const closed = new AbortController();
  res.once('close', () => closed.abort());
  try {
    const params = new URLSearchParams(query);
    await found.run({ req, res, path, query, params, gone: closed.signal });
  } catch (error) {
    if (error instanceof BadNumber) sendError(res, 400, 'bad number', path);
    else if (!res.destroyed) throw error;
    // Otherwise the client left before the end, and there is nobody to answer.
  }
}

// --- The server -------------------------------------------------------------------------------

const server = createServer(
  {
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 0, // An upload to /echo may take as long as it needs.
  },
  answer,
);

const webSockets = new WebSocketServer({ noServer: true });

server.on('upgrade', (req, socket, head) => {
  if (locate(req).route !== '/ws') {
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  served += 1;
  webSockets.handleUpgrade(req, socket, head, (webSocket) => {
    webSocket.on('message', (data, isBinary) => webSocket.send(data, { binary: isBinary }));
    webSocket.on('error', () => webSocket.terminate());
  });
});

function stop() {
  setTimeout(() => process.exit(0), GRACE_MS);
  server.close(() => process.exit(0));
  setInterval(() => server.closeIdleConnections(), 100); // Those that become idle from now on.
  for (const webSocket of webSockets.clients) webSocket.close(1001);
}

process.once('SIGTERM', stop);
process.once('SIGINT', stop);

server.listen(port, '0.0.0.0', () => console.log(`listening on ${server.address().port}`));
