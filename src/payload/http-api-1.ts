// Payload format 1.0 of an HTTP API: the shape of the older REST APIs, with null for what is not
// there. [AGW:http-api-develop-integrations-lambda]

import { strictAnswer } from './api-answer.ts';
import {
  decodedPathOf,
  domainPrefixOf,
  encodedBody,
  type HttpApiCall,
  timeOf,
  unlessEmpty,
} from './api-event.ts';
import {
  type BadAnswer,
  type HttpAnswer,
  type HttpRequest,
  lastValueOf,
  splitTarget,
} from './http-message.ts';
import { isObject, type JsonObject } from './json.ts';
import { decodedParameters, grouped } from './query.ts';
import { fromLatin1Lossy } from './text.ts';

/** Header names are as they were written; cookies are a header like any other. */
export function httpApi1Event(request: HttpRequest, call: HttpApiCall): Buffer {
  const path = decodedPathOf(request);
  const parameters = decodedParameters(splitTarget(request.target).query);
  const headers = request.fields.map(([name, value]) => [name, fromLatin1Lossy(value)] as const);
  const { body, isBase64Encoded } = encodedBody(request);
  return Buffer.from(
    JSON.stringify({
      version: '1.0',
      resource: resourceOf(call.routeKey),
      path,
      httpMethod: request.method,
      headers: Object.fromEntries(headers),
      multiValueHeaders: Object.fromEntries(grouped(headers)),
      queryStringParameters: unlessEmpty(Object.fromEntries(parameters)) ?? null,
      multiValueQueryStringParameters: unlessEmpty(Object.fromEntries(grouped(parameters))) ?? null,
      requestContext: contextOf(request, call, path),
      pathParameters: unlessEmpty(call.pathParameters) ?? null,
      stageVariables: unlessEmpty(call.stageVariables) ?? null,
      body: body ?? null,
      isBase64Encoded,
    }),
  );
}

/** "POST /items/{id}" → "/items/{id}". */
function resourceOf(routeKey: string): string {
  const space = routeKey.indexOf(' ');
  return space === -1 ? routeKey : routeKey.slice(space + 1);
}

function contextOf(request: HttpRequest, call: HttpApiCall, path: string) {
  const { accountId, apiId, domainName, requestId, routeKey, stage, authorizer } = call;
  const { time, timeEpoch } = timeOf(call);
  return {
    accountId,
    apiId,
    ...(authorizer !== undefined && { authorizer: flatAuthorizer(authorizer) }),
    domainName,
    domainPrefix: domainPrefixOf(domainName),
    extendedRequestId: requestId,
    httpMethod: request.method,
    identity: identityOf(request, call),
    path,
    protocol: request.protocol,
    requestId,
    requestTime: time,
    requestTimeEpoch: timeEpoch,
    resourceId: routeKey,
    resourcePath: resourceOf(routeKey),
    stage,
  };
}

/** In 1.0 the claims and scopes of a JWT, or what the authorizer said, stand there directly. */
function flatAuthorizer(authorizer: JsonObject): JsonObject {
  const { jwt, lambda } = authorizer;
  if (isObject(jwt)) return jwt;
  return isObject(lambda) ? lambda : authorizer;
}

function identityOf(request: HttpRequest, { clientCert }: HttpApiCall) {
  return {
    accessKey: null,
    accountId: null,
    caller: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp: request.sourceIp,
    user: null,
    userAgent: fromLatin1Lossy(lastValueOf(request.fields, 'user-agent') ?? ''),
    userArn: null,
    ...(clientCert !== undefined && { clientCert }),
  };
}

/** Bad: 500, "Internal Server Error". */
export function httpApi1Answer(payload: Buffer): HttpAnswer | BadAnswer {
  return strictAnswer(payload, {
    status: { from: 200, to: 599, digits: true },
    contentType: 'text/plain;charset=UTF-8',
  });
}
