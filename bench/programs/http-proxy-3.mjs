// http-proxy-3 in front of a program, as its README shows it, with connections kept open.
import { Agent, createServer } from 'node:http';
import { createRequire } from 'node:module';

const [, , port, target, peers] = process.argv;
const { createProxyServer } = createRequire(`${peers}/`)('http-proxy-3');
const proxy = createProxyServer({ target, agent: new Agent({ keepAlive: true, maxSockets: 64 }) });
createServer((request, response) => proxy.web(request, response)).listen(port, '127.0.0.1', () =>
  console.log(`listening on ${port}`),
);
