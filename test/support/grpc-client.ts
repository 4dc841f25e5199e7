// A client of test/fixtures/grpc.mjs, through the HTTPS listener.

import {
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  credentials,
  type Metadata,
  makeGenericClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { SecureAt } from './secure-client.ts';

type Answered = (error: ServiceError | null, answer?: Buffer) => void;
interface Options {
  readonly deadline?: number;
}

export interface EchoClient extends Client {
  Unary(message: Buffer, metadata: Metadata, options: Options, done: Answered): ClientUnaryCall;
  Upload(metadata: Metadata, done: Answered): ClientWritableStream<Buffer>;
  Download(message: Buffer): ClientReadableStream<Buffer>;
  Chat(): ClientDuplexStream<Buffer, Buffer>;
}

const bytes = (buffer: Buffer): Buffer => buffer;
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

const Echo = makeGenericClientConstructor(
  {
    Unary: method('Unary', false, false),
    Upload: method('Upload', true, false),
    Download: method('Download', false, true),
    Chat: method('Chat', true, true),
  },
  'Echo',
);

export function echoClient({ port, ca }: SecureAt): EchoClient {
  const client = new Echo(`localhost:${port}`, credentials.createSsl(Buffer.from(ca)), {
    'grpc.max_receive_message_length': -1,
    'grpc.enable_retries': 0,
  });
  onTestFinished(() => client.close());
  return client as unknown as EchoClient;
}
