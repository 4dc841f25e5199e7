// Takes jobs, tells how they stand, hands out results. It keeps nothing: all is in the queues.
import { createServer } from 'node:http';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

const { JOBS_QUEUE_URL, JOBS_FAILED_QUEUE_URL, RESULTS_QUEUE_URL, PORT = '8080' } = process.env;
const sqs = new SQSClient();

const routes = {
  'GET /health': async () => ({ status: 200, body: { ok: true } }),

  /** {"text": "…"}; the answer does not wait for the work. */
  async 'POST /jobs'(request) {
    const { MessageId } = await sqs.send(
      new SendMessageCommand({ QueueUrl: JOBS_QUEUE_URL, MessageBody: await textOf(request) }),
    );
    return { status: 202, body: { job: MessageId } };
  },

  async 'GET /jobs'() {
    const [jobs, failed] = await Promise.all([
      countsOf(JOBS_QUEUE_URL),
      countsOf(JOBS_FAILED_QUEUE_URL),
    ]);
    return {
      status: 200,
      body: { waiting: jobs.visible, underWay: jobs.inFlight, failed: failed.visible },
    };
  },

  /** What was done since the last time somebody asked. */
  async 'GET /results'() {
    const QueueUrl = RESULTS_QUEUE_URL;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length > 0) {
      const Entries = Messages.map(({ MessageId, ReceiptHandle }) => ({
        Id: MessageId,
        ReceiptHandle,
      }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
    return { status: 200, body: Messages.map(({ Body }) => JSON.parse(Body)) };
  },
};

async function countsOf(QueueUrl) {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
  };
}

async function textOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const server = createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url}`];
  const { status, body } = route
    ? await route(request).catch((error) => ({ status: 502, body: { error: error.message } }))
    : { status: 404, body: { error: 'not found' } };
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
});

server.listen(Number(PORT));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
