// One call to a program on a stream of HTTP/2.

import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { Malformed } from '../http1/head.ts';
import { answerOfStream, headersOfLines, linesOf } from './stream-answer.ts';
import type { StreamCall, StreamFailure, StreamRequest, StreamSink } from './stream-call.ts';

const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** RFC 9113 §7, by number. */
const RESETS = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

const NO_TRAILERS: readonly string[] = [];

export interface StreamPlaces {
  place(call: PooledStream): void;
}

export interface StreamSession {
  /** It has carried calls before this one. */
  readonly kept: boolean;
  /** True if the whole session is over. */
  streamEnded(): boolean;
}

export class PooledStream implements StreamCall {
  readonly #request: StreamRequest;
  readonly #sink: StreamSink;
  readonly #places: StreamPlaces;
  #session: StreamSession | undefined;
  #stream: ClientHttp2Stream | undefined;
  #told = false;
  #kept = false;
  #wrote = false;
  #bodyEnded = false;
  #trailersOut = NO_TRAILERS;
  #trailersIn = NO_TRAILERS;
  #answered = false;
  #repeated = false;
  #over = false;

  constructor(request: StreamRequest, sink: StreamSink, places: StreamPlaces) {
    this.#request = request;
    this.#sink = sink;
    this.#places = places;
  }

  get over(): boolean {
    return this.#over;
  }

  start(): void {
    this.#places.place(this);
  }

  /** The session takes it now. */
  begin(session: ClientHttp2Session, owner: StreamSession): void {
    const { headers, body } = this.#request;
    const stream = session.request(headers, { endStream: !body, waitForTrailers: body });
    this.#session = owner;
    this.#kept = owner.kept;
    this.#stream = stream;
    stream.on('response', this.#onResponse);
    stream.on('data', this.#onData);
    stream.on('trailers', this.#onTrailers);
    stream.on('end', this.#onEnd);
    stream.on('drain', this.#onDrain);
    stream.on('wantTrailers', this.#onWantTrailers);
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
    if (this.#told) {
      if (this.#bodyEnded && body) stream.end();
      return;
    }
    this.#told = true;
    this.#sink.begun();
  }

  write(chunk: Buffer): boolean {
    const stream = this.#stream;
    if (this.#over || stream === undefined || !stream.writable) return true;
    this.#wrote = true;
    return stream.write(chunk);
  }

  endBody(trailers: readonly string[]): void {
    this.#bodyEnded = true;
    this.#trailersOut = trailers;
    if (!this.#over && this.#request.body) this.#stream?.end();
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  abort(): void {
    this.#over = true;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  fail(failure: StreamFailure): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.fail(failure);
  }

  readonly #onResponse = (_headers: unknown, flags: number, raw: readonly string[]): void => {
    if (this.#over) return;
    const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    this.#answered = true;
    try {
      this.#sink.head(answerOfStream(raw, ended || this.#request.method === 'HEAD'));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#stream?.close(constants.NGHTTP2_PROTOCOL_ERROR);
      this.fail({ kind: 'malformed', problem: error.message });
    }
  };

  readonly #onData = (chunk: Buffer): void => {
    if (!this.#over) this.#sink.data(chunk);
  };

  readonly #onTrailers = (_headers: unknown, _flags: number, raw: readonly string[]): void => {
    this.#trailersIn = linesOf(raw);
  };

  /** Also comes when the program resets the stream; "close" follows and says so. */
  readonly #onEnd = (): void => {
    const stream = this.#stream;
    if (this.#over || stream === undefined || stream.rstCode !== 0 || !this.#answered) return;
    this.#over = true;
    // It need not be sent the rest of a body that it does not wait for.
    if (!stream.writableEnded) stream.close(constants.NGHTTP2_CANCEL);
    this.#sink.end(this.#trailersIn);
  };

  readonly #onDrain = (): void => {
    if (!this.#over) this.#sink.drain();
  };

  readonly #onWantTrailers = (): void => {
    const stream = this.#stream;
    // What was given up must not look complete.
    if (stream === undefined || stream.closed || stream.destroyed) return;
    stream.sendTrailers(headersOfLines(this.#trailersOut));
  };

  readonly #onError = (): void => {
    // "close" follows and says all there is to say.
  };

  readonly #onClose = (): void => {
    const code = this.#stream?.rstCode ?? 0;
    const lost = this.#session?.streamEnded() === true;
    if (this.#over) return;
    this.#stream = undefined;
    if (this.#mayRepeat(code, lost)) {
      this.#repeated = true;
      this.#places.place(this);
      return;
    }
    const when = this.#answered ? 'in the middle of its answer' : 'before it answered';
    if (lost) this.fail({ kind: 'closed', problem: when });
    else this.fail({ kind: 'reset', problem: `with ${RESETS[code] ?? code} ${when}` });
  };

  #mayRepeat(code: number, lost: boolean): boolean {
    if (this.#repeated || this.#answered || this.#wrote) return false;
    if (code === constants.NGHTTP2_REFUSED_STREAM) return true;
    return lost && this.#kept && !this.#request.body && REPEATABLE.has(this.#request.method);
  }
}
