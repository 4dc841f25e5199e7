// A request to the URL of a function as its event, and the function's answer. [LDG:urls-invocation]

import { inferredAnswer } from './api-answer.ts';
import {
  type ApiCall,
  cookiesOf,
  domainPrefixOf,
  type EmptyKeys,
  encodedBody,
  joinedHeaders,
  rawQueryOf,
  timeOf,
  unlessEmpty,
  withEmpty,
} from './api-event.ts';
import { httpOf, joinedParameters } from './http-api.ts';
import { type BadAnswer, type HttpAnswer, type HttpRequest, splitTarget } from './http-message.ts';

/** Who called a URL that asks for AWS_IAM. */
export interface IamCaller {
  readonly accessKey: string;
  readonly accountId: string;
  readonly callerId: string;
  readonly userArn: string;
  readonly userId: string;
}

export interface UrlCall extends ApiCall {
  /** Undefined: the URL asks for no authorization. */
  readonly iam: IamCaller | undefined;
}

const DEFAULT = '$default';

/** Payload 2.0, but with the path as it was sent, and Cookie also among the headers. */
export function functionUrlEvent(
  request: HttpRequest,
  call: UrlCall,
  emptyKeys: EmptyKeys = 'omit',
): Buffer {
  const rawPath = splitTarget(request.target).path;
  const rawQueryString = rawQueryOf(request);
  const cookies = cookiesOf(request);
  const { body, isBase64Encoded } = encodedBody(request);
  return Buffer.from(
    JSON.stringify(
      withEmpty(emptyKeys, {
        version: '2.0',
        routeKey: DEFAULT,
        rawPath,
        rawQueryString,
        cookies: cookies.length === 0 ? undefined : cookies,
        headers: joinedHeaders(request),
        queryStringParameters: unlessEmpty(joinedParameters(rawQueryString)),
        requestContext: contextOf(request, call, rawPath, emptyKeys),
        body,
        pathParameters: undefined,
        isBase64Encoded,
        stageVariables: undefined,
      }),
    ),
  );
}

function contextOf(request: HttpRequest, call: UrlCall, path: string, emptyKeys: EmptyKeys) {
  const { accountId, apiId, domainName, requestId, iam } = call;
  return withEmpty(emptyKeys, {
    accountId,
    apiId,
    authentication: undefined,
    authorizer: iam === undefined ? undefined : { iam: iamOf(iam) },
    domainName,
    domainPrefix: domainPrefixOf(domainName),
    http: httpOf(request, path),
    requestId,
    routeKey: DEFAULT,
    stage: DEFAULT,
    ...timeOf(call),
  });
}

const iamOf = (caller: IamCaller) => ({ ...caller, cognitoIdentity: null, principalOrgId: null });

/** Bad: 502, "Internal Server Error". */
export function functionUrlAnswer(payload: Buffer): HttpAnswer | BadAnswer {
  return inferredAnswer(payload, {
    status: { from: 100, to: 599, digits: true },
    contentType: 'application/json',
  });
}
