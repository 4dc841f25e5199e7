// A request through a load balancer as the event of a function, and the function's answer as the
// load balancer reads it. [ELB:lambda-functions], [LDG:services-alb]
//
// Either every header and query parameter has one value, the last that was sent, or each has a list
// ("lambda.multi_value_headers.enabled"). The fields of the other mode are not there, and not read.

import { ALB_HEALTH_USER_AGENT } from '../model/aws-limits.ts';
import {
  bodyOf,
  multiFields,
  notAnObject,
  readPayload,
  singleFields,
  statusOf,
} from './function-answer.ts';
import {
  answerFields,
  type BadAnswer,
  type BadRequest,
  type Field,
  type HttpAnswer,
  type HttpRequest,
  isBad,
  splitTarget,
} from './http-message.ts';
import { isObject, type JsonObject, kindOf } from './json.ts';
import { grouped, type Parameter, rawParameters } from './query.ts';
import { fromLatin1, isTextRequest, toLatin1, utf8Of } from './text.ts';

export interface AlbTarget {
  readonly targetGroupArn: string;
  /** Attribute of the target group. AWS: off by default. */
  readonly multiValue: boolean;
}

/** Bad: it cannot be sent because it is not UTF-8 (LambdaBadRequest). */
export function albEvent(request: HttpRequest, target: AlbTarget): Buffer | BadRequest {
  const headers: Parameter[] = [];
  for (const [name, value] of request.fields) {
    const text = fromLatin1(value);
    if (text === undefined) return { problem: `has a header "${name}" that is not UTF-8` };
    headers.push([name.toLowerCase(), text]);
  }
  const body = encodedBody(request);
  if (body === undefined) return { problem: 'has a text body that is not UTF-8' };
  const { path, query } = splitTarget(request.target);
  return eventOf(target, {
    httpMethod: request.method,
    path,
    parameters: rawParameters(query),
    headers,
    ...body,
  });
}

/** The event of a health check. Its path is what the target group is configured with. */
export function albHealthEvent(path: string, target: AlbTarget): Buffer {
  return eventOf(target, {
    httpMethod: 'GET',
    path,
    parameters: [],
    headers: [['user-agent', ALB_HEALTH_USER_AGENT]],
    body: '',
    isBase64Encoded: false,
  });
}

interface EventParts {
  readonly httpMethod: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly headers: readonly Parameter[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

function eventOf({ targetGroupArn, multiValue }: AlbTarget, parts: EventParts): Buffer {
  const { httpMethod, path, parameters, headers, body, isBase64Encoded } = parts;
  const fields = multiValue
    ? {
        multiValueQueryStringParameters: Object.fromEntries(grouped(parameters)),
        multiValueHeaders: Object.fromEntries(grouped(headers)),
      }
    : {
        queryStringParameters: Object.fromEntries(parameters),
        headers: Object.fromEntries(headers),
      };
  return Buffer.from(
    JSON.stringify({
      requestContext: { elb: { targetGroupArn } },
      httpMethod,
      path,
      ...fields,
      body,
      isBase64Encoded,
    }),
  );
}

/** Undefined: text that is not UTF-8. */
function encodedBody({ body, fields }: HttpRequest) {
  if (body.length === 0) return { body: '', isBase64Encoded: false };
  if (!isTextRequest(fields)) return { body: body.toString('base64'), isBase64Encoded: true };
  const text = utf8Of(body);
  return text === undefined ? undefined : { body: text, isBase64Encoded: false };
}

/** A load balancer cannot pass on an answer that is not final. */
const STATUS = { from: 200, to: 599, digits: false } as const;

/** Bad: LambdaInvalidResponse. Only "statusCode" has to be there; what is there has to be right. */
export function albAnswer(
  payload: Buffer,
  { multiValue }: Pick<AlbTarget, 'multiValue'>,
): HttpAnswer | BadAnswer {
  const { json } = readPayload(payload);
  if (!isObject(json)) return notAnObject(json);
  const status = statusOf(json, STATUS);
  if (typeof status !== 'number') return status;
  const reason = reasonOf(json);
  if (typeof reason === 'object') return reason;
  const fields = fieldsOf(json, multiValue);
  if (isBad(fields)) return fields;
  const body = bodyOf(json, true);
  if (isBad(body)) return body;
  return { status, reason, fields, body };
}

function fieldsOf(answer: JsonObject, multiValue: boolean): readonly Field[] | BadAnswer {
  const value = multiValue ? answer['multiValueHeaders'] : answer['headers'];
  if (value === undefined) return [];
  const fields = multiValue ? multiFields(value, true) : singleFields(value, true);
  return isBad(fields) ? fields : answerFields(fields);
}

/**
 * "200 OK" → "OK". The documentation asks for a code, a space and a phrase; libraries in wide use send
 * a phrase alone or nothing, and work: then the phrase is that of the code.
 */
function reasonOf({ statusDescription }: JsonObject): string | undefined | BadAnswer {
  if (statusDescription === undefined) return undefined;
  if (typeof statusDescription !== 'string') {
    return { problem: `has ${kindOf(statusDescription)} as its "statusDescription"` };
  }
  const match = /^\d{3} ([^\0-\x1f\x7f]*)$/.exec(statusDescription);
  return match === null ? undefined : toLatin1(match[1] ?? '');
}
