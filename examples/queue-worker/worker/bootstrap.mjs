// A runtime of thirty lines: asks Lambda for the next event, calls the handler, gives the answer.
// With the runtime of AWS (`handler: worker.handler`) it is not needed.
import { handler } from './worker.mjs';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  const invocation = `${api}/invocation/${next.headers.get('lambda-runtime-aws-request-id')}`;
  try {
    await post(`${invocation}/response`, await handler(await next.json()));
  } catch (error) {
    await post(`${invocation}/error`, { errorType: error.name, errorMessage: error.message });
  }
}

async function post(url, body) {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body ?? null) });
  await answer.arrayBuffer();
}
