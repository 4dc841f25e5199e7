// Works on a batch of jobs: counts the words of a text. A job it cannot read fails alone; the others
// of its batch are done.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const sqs = new SQSClient();

export async function handler({ Records }) {
  const batchItemFailures = [];
  for (const { messageId, body } of Records) {
    try {
      await work(messageId, body);
    } catch (error) {
      console.error(`job ${messageId} failed: ${error.message}`);
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}

async function work(job, body) {
  const { text } = JSON.parse(body);
  const words = text.split(/\s+/).filter(Boolean).length;
  console.log(`job ${job} has ${words} words`);
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: process.env.RESULTS_QUEUE_URL,
      MessageBody: JSON.stringify({ job, words }),
    }),
  );
}
