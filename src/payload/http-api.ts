// Payload format 2.0 of an HTTP API. [AGW:http-api-develop-integrations-lambda]

import { inferredAnswer } from './api-answer.ts';
import {
  cookiesOf,
  decodedPathOf,
  domainPrefixOf,
  type EmptyKeys,
  encodedBody,
  type HttpApiCall,
  joinedHeaders,
  rawQueryOf,
  timeOf,
  unlessEmpty,
  withEmpty,
} from './api-event.ts';
import type { BadAnswer, HttpAnswer, HttpRequest } from './http-message.ts';
import { decodedParameters, type Parameter } from './query.ts';

/** Cookie is in "cookies" only. */
export function httpApiEvent(
  request: HttpRequest,
  call: HttpApiCall,
  emptyKeys: EmptyKeys = 'omit',
): Buffer {
  const rawPath = decodedPathOf(request);
  const rawQueryString = rawQueryOf(request);
  const { cookie: _, ...headers } = joinedHeaders(request);
  const cookies = cookiesOf(request);
  const { body, isBase64Encoded } = encodedBody(request);
  return Buffer.from(
    JSON.stringify(
      withEmpty(emptyKeys, {
        version: '2.0',
        routeKey: call.routeKey,
        rawPath,
        rawQueryString,
        cookies: cookies.length === 0 ? undefined : cookies,
        headers,
        queryStringParameters: unlessEmpty(joinedParameters(rawQueryString)),
        requestContext: contextOf(request, call, rawPath, emptyKeys),
        pathParameters: unlessEmpty(call.pathParameters),
        body,
        isBase64Encoded,
        stageVariables: unlessEmpty(call.stageVariables),
      }),
    ),
  );
}

function contextOf(request: HttpRequest, call: HttpApiCall, path: string, emptyKeys: EmptyKeys) {
  const { accountId, apiId, domainName, requestId, routeKey, stage } = call;
  return withEmpty(emptyKeys, {
    accountId,
    apiId,
    authentication: call.clientCert === undefined ? undefined : { clientCert: call.clientCert },
    authorizer: call.authorizer,
    domainName,
    domainPrefix: domainPrefixOf(domainName),
    http: httpOf(request, path),
    requestId,
    routeKey,
    stage,
    ...timeOf(call),
  });
}

/** "requestContext.http". */
export function httpOf(request: HttpRequest, path: string) {
  return {
    method: request.method,
    path,
    protocol: request.protocol,
    sourceIp: request.sourceIp,
    userAgent: joinedHeaders(request)['user-agent'] ?? '',
  };
}

/** Decoded; the values of the same key joined with ",". */
export function joinedParameters(query: string): Readonly<Record<string, string>> {
  const joined = new Map<string, string>();
  for (const [key, value] of decodedParameters(query) as readonly Parameter[]) {
    const before = joined.get(key);
    joined.set(key, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

/** Bad: 500, "Internal Server Error". */
export function httpApiAnswer(payload: Buffer): HttpAnswer | BadAnswer {
  return inferredAnswer(payload, {
    status: { from: 200, to: 599, digits: true },
    contentType: 'text/plain;charset=UTF-8',
  });
}
