// The same answer as hello.mjs, as a Lambda handler for serverless-offline.
exports.hello = async () => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ ok: true, message: 'hello', served: 1 }),
});
