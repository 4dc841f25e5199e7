// The errors of the SQS API, with the names current SDKs know (`__type`) and those of the older
// query protocol (`x-amzn-query-error`), which many programs still compare.
// [BOTO sqs], [SQS:APIReference]

const SERVICE = 'AWS.SimpleQueueService';

/** `__type` without its namespace → the code of the query protocol. */
const QUERY_CODES = {
  BatchEntryIdsNotDistinct: `${SERVICE}.BatchEntryIdsNotDistinct`,
  BatchRequestTooLong: `${SERVICE}.BatchRequestTooLong`,
  EmptyBatchRequest: `${SERVICE}.EmptyBatchRequest`,
  InvalidBatchEntryId: `${SERVICE}.InvalidBatchEntryId`,
  MessageNotInflight: `${SERVICE}.MessageNotInflight`,
  PurgeQueueInProgress: `${SERVICE}.PurgeQueueInProgress`,
  QueueDoesNotExist: `${SERVICE}.NonExistentQueue`,
  QueueNameExists: 'QueueAlreadyExists',
  TooManyEntriesInBatchRequest: `${SERVICE}.TooManyEntriesInBatchRequest`,
  UnsupportedOperation: `${SERVICE}.UnsupportedOperation`,
  InvalidAddress: 'InvalidAddress',
  InvalidAttributeName: 'InvalidAttributeName',
  InvalidAttributeValue: 'InvalidAttributeValue',
  InvalidMessageContents: 'InvalidMessageContents',
  OverLimit: 'OverLimit',
  ReceiptHandleIsInvalid: 'ReceiptHandleIsInvalid',
  InvalidParameterValueException: 'InvalidParameterValue',
  MissingRequiredParameterException: 'MissingParameter',
  SerializationException: 'MalformedInput',
  UnknownOperationException: 'InvalidAction',
  RequestEntityTooLargeException: 'RequestEntityTooLarge',
  InternalFailure: 'InternalFailure',
} as const;

export type SqsErrorCode = keyof typeof QUERY_CODES;

/** Not of the service itself but of the layer before it, which names them by itself. */
const COMMON = new Set<SqsErrorCode>([
  'InvalidParameterValueException',
  'MissingRequiredParameterException',
  'SerializationException',
  'UnknownOperationException',
  'RequestEntityTooLargeException',
  'InternalFailure',
]);

export class SqsError extends Error {
  override readonly name = 'SqsError';
  readonly code: SqsErrorCode;

  constructor(code: SqsErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return this.code === 'InternalFailure' ? 500 : 400;
  }

  get sendersFault(): boolean {
    return this.code !== 'InternalFailure';
  }

  /** What batches and `x-amzn-query-error` carry. */
  get queryCode(): string {
    return QUERY_CODES[this.code];
  }

  get type(): string {
    const space = COMMON.has(this.code) ? 'com.amazon.coral.service' : 'com.amazonaws.sqs';
    return `${space}#${this.code}`;
  }
}

export function invalidValue(name: string, value: unknown, reason: string): SqsError {
  return new SqsError(
    'InvalidParameterValueException',
    `Value ${String(value)} for parameter ${name} is invalid. Reason: ${reason}`,
  );
}

export function missing(name: string): SqsError {
  return new SqsError(
    'MissingRequiredParameterException',
    `The request must contain the parameter ${name}.`,
  );
}

export const noSuchQueue = () =>
  new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
