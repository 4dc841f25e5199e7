// Asks a program one question over HTTP/2 without TLS, on a session of its own: health checks of
// target groups of HTTP/2 and of gRPC.

import { connect as connectSession, type OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import type { Clock, Release } from '../../base/ports.ts';
import type { Asker, Probe, Question } from '../probe.ts';

/** A message of gRPC with nothing in it: not compressed, no bytes. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/** GET; the answer is its status. */
export const askHttp2: Asker = (clock, question, answered) =>
  askStream(clock, question, answered, false);

/** A unary call; the answer is its `grpc-status`. */
export const askGrpc: Asker = (clock, question, answered) =>
  askStream(clock, question, answered, true);

function askStream(
  clock: Clock,
  question: Question,
  answered: (result: Probe) => void,
  grpc: boolean,
): Release {
  const { port, timeoutMs } = question;
  const session = connectSession(`http://127.0.0.1:${port}`, {
    createConnection: () => connect({ port, host: '127.0.0.1', noDelay: true }),
    settings: { enablePush: false },
  });
  let connected = false;
  let over = false;
  let status = 0;
  const end = (): void => {
    over = true;
    stopWaiting();
    session.destroy();
  };
  const finish = (result: Probe): void => {
    if (over) return;
    end();
    answered(result);
  };
  const stopWaiting = clock.after(timeoutMs, () => finish({ kind: 'silent' }));
  const lost = (): void =>
    finish(connected ? { kind: 'nonsense', problem: NOT_HTTP2 } : { kind: 'refused' });
  session.once('connect', () => {
    connected = true;
  });
  session.on('error', lost);
  session.on('close', lost);
  const stream = session.request(headersOf(question, grpc), { endStream: !grpc });
  if (grpc) stream.end(EMPTY_MESSAGE);
  stream.on('response', (headers) => {
    status = headers[':status'] ?? 0;
    if (!grpc) finish({ kind: 'answered', status });
    else if (headers['grpc-status'] !== undefined) finish(grpcAnswer(headers['grpc-status']));
  });
  stream.on('trailers', (trailers) => finish(grpcAnswer(trailers['grpc-status'])));
  stream.on('error', () => {
    // "close" follows and says all there is to say.
  });
  stream.on('close', () => {
    if (status === 0) lost();
    else finish({ kind: 'nonsense', problem: `status ${status} without a grpc-status` });
  });
  stream.resume();
  return end;
}

const NOT_HTTP2 = 'the answer is not HTTP/2';

function headersOf({ port, path, userAgent }: Question, grpc: boolean): OutgoingHttpHeaders {
  const common = { ':authority': `127.0.0.1:${port}`, ':path': path, 'user-agent': userAgent };
  if (!grpc) return { ':method': 'GET', ...common };
  return { ':method': 'POST', ...common, 'content-type': 'application/grpc', te: 'trailers' };
}

function grpcAnswer(status: string | string[] | undefined): Probe {
  if (typeof status === 'string' && /^\d{1,2}$/.test(status)) {
    return { kind: 'answered', status: Number(status) };
  }
  return { kind: 'nonsense', problem: 'the answer has no grpc-status' };
}
