// The program behind every proxy of the benchmarks: one small JSON answer, and a stream of bytes.
import { createServer } from 'node:http';

const text = JSON.stringify({ ok: true, message: 'hello', served: 1 });
const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
const block = Buffer.alloc(64 * 1024, 'x');

createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  if (!request.url.startsWith('/bytes')) {
    response.writeHead(200, head);
    response.end(text);
    return;
  }
  let left = Number(request.url.split('=')[1]);
  response.writeHead(200, { 'content-length': left });
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
}).listen(process.env.PORT, '0.0.0.0', () => console.log(`listening on ${process.env.PORT}`));
