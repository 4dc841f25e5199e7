// Fields that are never on a stream of HTTP/2 (RFC 9113 §8.2.2).

export const NOT_ON_STREAMS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
  'http2-settings',
]);
