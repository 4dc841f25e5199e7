// Failures of a single request. Each has the status with which the front door answers.

import { EXIT, entry } from './fault-entry.ts';

export const REQUEST_FAULTS = {
  REQUEST_MALFORMED: entry<{ problem: string }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'A client sends something that is not HTTP/1.1. Answered 400.',
    say: ({ problem }) => `The request is malformed: ${problem}.`,
    fix: () => 'Correct the client.',
  }),
  REQUEST_HEAD_TOO_LARGE: entry<{ what: string; limitBytes: number }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'A request line or header is larger than the front door takes. Answered 400, by an HTTP API 431.',
    say: ({ what, limitBytes }) => `The ${what} is larger than ${limitBytes} bytes.`,
    fix: () => 'Send less in the URL and headers; cookies are the usual cause.',
  }),
  REQUEST_TOO_SLOW: entry<{ waitedMs: number }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'A client does not finish its request within the idle timeout. Answered 408.',
    say: ({ waitedMs }) => `The request was not complete after ${waitedMs} ms.`,
    fix: () => 'Raise "entry.idleTimeout" if the client really is that slow.',
  }),
  METHOD_REFUSED: entry<{ method: string }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'TRACE or CONNECT, which the front door does not take. Answered 405.',
    say: ({ method }) => `The front door does not take ${method}.`,
    fix: () => 'Use another method.',
  }),
  TRANSFER_CODING_UNKNOWN: entry<{ coding: string }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'A transfer coding other than chunked. Answered 501.',
    say: ({ coding }) => `Transfer-Encoding "${coding}" is not known.`,
    fix: () => 'Send the body with Content-Length or chunked.',
  }),
  TOO_MANY_FORWARDERS: entry<{ count: number; limit: number }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'X-Forwarded-For has more addresses than a load balancer takes. Answered 463.',
    say: ({ count, limit }) => `X-Forwarded-For has ${count} addresses; the limit is ${limit}.`,
    fix: () => 'Look for a proxy loop in front of the app.',
  }),
  PROTOCOL_MISMATCH: entry<{ service: string; protocol: string; problem: string }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'A request speaks what the target group of its service does not take: HTTP/1.1 to one of HTTP/2 or gRPC, another method than POST to one of gRPC, gRPC to one of HTTP/1.1. Answered 464.',
    say: ({ service, protocol, problem }) =>
      `The target group of ${service} has the protocol ${protocol}, and ${problem}.`,
    fix: () =>
      'Use a client of the same protocol at the HTTPS listener, or correct "fargate.targetGroup.protocol".',
  }),
  CLIENT_GONE: entry<{ afterMs: number }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'The client closed the connection before its answer. Logged as 460.',
    say: ({ afterMs }) => `The client closed the connection after ${Math.round(afterMs)} ms.`,
    fix: () => 'If clients give up, look at the time the program takes.',
  }),
  REWRITE_FAILED: entry<{ status: string; problem: string }>({
    blame: 'config',
    exit: EXIT.unexpected,
    when: 'The "rewrite" of a route gives no path or no host. Answered 500.',
    say: ({ status, problem }) => `The request cannot be written anew: ${problem} (${status}).`,
    fix: () => 'Correct "replace"; a new path begins with "/".',
  }),
  REDIRECT_TOO_LONG: entry<{ limitBytes: number }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'The URL that a redirect leads to is too long. Answered 500.',
    say: ({ limitBytes }) => `The redirect leads to a URL of more than ${limitBytes} bytes.`,
    fix: () => 'Send a shorter URL, or redirect without the query.',
  }),
  GROUP_COOKIE_INVALID: entry<Readonly<Record<never, never>>>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'AWSALBTG is not a cookie the front door has given, or is URL-encoded. Answered as `local.assume.groupCookieStatus` says.',
    say: () => 'The cookie AWSALBTG is not valid.',
    fix: () => 'Send the cookie as it came, not encoded, or none.',
  }),
  GROUPS_WITHOUT_WEIGHT: entry<{ rule: number | undefined }>({
    blame: 'config',
    exit: EXIT.unexpected,
    when: 'Every group of a "forward" has weight 0. Answered 503.',
    say: ({ rule }) => `Every group of route ${rule} has weight 0.`,
    fix: () => 'Give one of them a weight.',
  }),
  ROUTE_NOT_FOUND: entry<{ method: string; path: string }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'No route matches a request. Answered 404.',
    say: ({ method, path }) => `No route takes ${method} ${path}.`,
    fix: () => 'Add a route, or see what would match with "fulcrum explain".',
  }),
  REQUEST_BODY_TOO_LARGE: entry<{ limitBytes: number }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'A request body larger than an HTTP API takes. Answered 413.',
    say: ({ limitBytes }) =>
      `The body is larger than the ${limitBytes} bytes the front door takes.`,
    fix: () => 'Upload large bodies to S3, or use the front door "alb" with fargate.',
  }),
  LAMBDA_REQUEST_TOO_LARGE: entry<{ limitBytes: number }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'A request body larger than the front door passes to Lambda: 1 MB from ALB, else 6 MB. Answered 413.',
    say: ({ limitBytes }) =>
      `The body is larger than the ${limitBytes} bytes Lambda gets from this front door.`,
    fix: () => 'Route large bodies to fargate, or upload them to S3.',
  }),
  LAMBDA_RESPONSE_TOO_LARGE: entry<{ bytes: number; limitBytes: number }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'An answer larger than the front door takes from Lambda: 1 MB by ALB, else 6 MB. Answered 502, by an HTTP API 500.',
    say: ({ bytes, limitBytes }) =>
      `The answer is ${bytes} bytes or more; this front door takes ${limitBytes} from Lambda.`,
    fix: () => 'Route this path to fargate, or answer with a link to S3.',
  }),
  LAMBDA_BAD_REQUEST: entry<{ problem: string }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'A request that a load balancer cannot put into the event of a function, as it is not UTF-8. Answered 400.',
    say: ({ problem }) => `The request ${problem}; the event of a function cannot carry it.`,
    fix: () => 'Send it as UTF-8, or with a Content-Type that is not text.',
  }),
  FUNCTION_ANSWER_INVALID: entry<{ function: string; problem: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A function answers with something the front door cannot turn into HTTP. Answered 502, by an HTTP API 500.',
    say: ({ function: name, problem }) => `The answer of the function ${name} ${problem}.`,
    fix: () => 'Answer with statusCode, headers and body as this front door reads them.',
  }),
  FUNCTION_STREAM_BROKEN: entry<{ function: string; type: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A function fails after it has begun to stream its answer. The connection is broken.',
    say: ({ function: name, type }) => `The function ${name} failed while it streamed: ${type}.`,
    fix: () => 'Read its last lines in "fulcrum logs".',
  }),
  LAMBDA_UPGRADE: entry<{ protocol: string }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'An upgrade such as WebSocket reaches a route that only Lambda can serve. Answered 400.',
    say: ({ protocol }) => `Lambda behind a load balancer cannot upgrade to ${protocol}.`,
    fix: () => 'Route this path to fargate.',
  }),
  LAMBDA_TIMED_OUT: entry<{ timeoutMs: number }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A request takes longer than the timeout of the function. Answered 502, by an HTTP API 500.',
    say: ({ timeoutMs }) => `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds.`,
    fix: () => 'Raise "lambda.timeout" (900 s at most), or route this path to fargate.',
  }),
  LAMBDA_EXITED: entry<{ exit: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The program ends while it serves a request on Lambda. Answered 502, by an HTTP API 500.',
    say: ({ exit }) => `The program ended with ${exit} while it served the request.`,
    fix: () => 'Read its last lines in "fulcrum logs".',
  }),
  ADAPTER_STATUS_FAILS: entry<{ status: number }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A service answers with a status that AWS_LWA_ERROR_STATUS_CODES names. Answered 502.',
    say: ({ status }) => `The program answered ${status}, with which its invocation fails.`,
    fix: () => 'Correct the program, or take the status out of AWS_LWA_ERROR_STATUS_CODES.',
  }),
  ADAPTER_STREAMS_TO_DOOR: entry<{ service: string }>({
    blame: 'config',
    exit: EXIT.unexpected,
    when: 'A service with AWS_LWA_INVOKE_MODE=response_stream is asked through a front door. Answered 502.',
    say: ({ service }) =>
      `"${service}" answers in a stream, which a front door cannot read from Lambda.`,
    fix: () => 'Take AWS_LWA_INVOKE_MODE out of "environment", or route the path to fargate.',
  }),
  ADAPTER_EVENT_UNREADABLE: entry<{ problem: string }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'A service is invoked with an event that no request can be made of.',
    say: ({ problem }) => `The event ${problem}.`,
    fix: () => 'Invoke it with JSON.',
  }),
  ADAPTER_ANSWER_UNUSABLE: entry<{ problem: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'An answer to an invocation that the Lambda Web Adapter cannot put into JSON; it would end.',
    say: ({ problem }) => `The answer of the program ${problem}.`,
    fix: () => 'Encode header values in UTF-8.',
  }),
  LAMBDA_THROTTLED: entry<{ reason: string; limit: number }>({
    blame: 'config',
    exit: EXIT.unexpected,
    when: 'Lambda has no concurrency left for a request. Answered 502, as ALB does; by an HTTP API 503, by a function URL 429.',
    say: ({ reason, limit }) => `Lambda throttled the request: ${reason} (limit ${limit}).`,
    fix: ({ reason }) =>
      reason.startsWith('Reserved')
        ? 'Raise "lambda.reserved", or let Fargate take part with compute: auto.'
        : 'Let Fargate take part with compute: auto, or ask AWS for more concurrency.',
  }),
  FARGATE_NO_TASK: entry<{ service: string; desired: number }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'No task of the service can take a request. Answered 503.',
    say: ({ service, desired }) =>
      desired === 0
        ? `${service} has no task: Fargate sleeps at zero.`
        : `${service} has no task that can take a request (${desired} wanted).`,
    fix: () => 'Ask again shortly, keep one with "fargate.tasks.min: 1", or use compute: auto.',
  }),
  UPSTREAM_CLOSED: entry<{ compute: string; when: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The program closes the connection with a request outstanding. Answered 502, by an HTTP API 500.',
    say: ({ compute, when }) => `The program on ${compute} closed the connection ${when}.`,
    fix: () => 'Look for a crash or an early close in "fulcrum logs".',
  }),
  UPSTREAM_RESET: entry<{ compute: string; when: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A program that speaks HTTP/2 or gRPC resets the stream of a request. Answered 502; the stream of the client is reset if its answer has begun.',
    say: ({ compute, when }) => `The program on ${compute} reset the request ${when}.`,
    fix: () => 'Look for what gives up the request in "fulcrum logs".',
  }),
  UPSTREAM_MALFORMED: entry<{ compute: string; problem: string }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The program answers with something that is not HTTP/1.1, or not HTTP/2 where its target group speaks that. Answered 502, by an HTTP API 500.',
    say: ({ compute, problem }) => `The program on ${compute} sent a malformed answer: ${problem}.`,
    fix: () => 'Correct what the program writes.',
  }),
  UPSTREAM_TOO_LARGE: entry<{ compute: string; limitBytes: number }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'A program behind an HTTP API answers with more than 10 MB. Answered 500.',
    say: ({ compute, limitBytes }) =>
      `The program on ${compute} answered with more than the ${limitBytes} bytes an HTTP API takes.`,
    fix: () => 'Answer with a link to S3, or use the front door "alb".',
  }),
  TOKEN_REFUSED: entry<{ problem: string }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'A request without a token that the authorizer of an HTTP API takes. Answered 401, or 403 when only the scope is missing.',
    say: ({ problem }) => `The authorizer refused the request: ${problem}.`,
    fix: () => 'Send "Authorization: Bearer …" with a token of the issuer in "entry.authorizer".',
  }),
  TOKEN_KEYS_UNAVAILABLE: entry<{ url: string; reason: string }>({
    blame: 'config',
    exit: EXIT.unexpected,
    when: 'The keys of the issuer of an authorizer cannot be had. Answered 401.',
    say: ({ url, reason }) => `The keys of the issuer cannot be had from ${url}: ${reason}.`,
    fix: () => 'Correct "entry.authorizer.issuer", or name the place in "entry.authorizer.jwks".',
  }),
  UPSTREAM_SILENT: entry<{ compute: string; idleMs: number }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The program sends nothing for the idle timeout. Answered 504, by an HTTP API 503.',
    say: ({ compute, idleMs }) => `The program on ${compute} sent nothing for ${idleMs} ms.`,
    fix: () => 'Answer sooner, send something in between, or raise "entry.idleTimeout".',
  }),
  TARGET_TOO_SLOW: entry<{ timeoutMs: number }>({
    blame: 'app',
    exit: EXIT.unexpected,
    when: 'The program or function does not answer within the time an HTTP API waits. Answered 503; a function runs on and is billed.',
    say: ({ timeoutMs }) => `No answer came within ${timeoutMs} ms; the API waits no longer.`,
    fix: () => 'Answer sooner; an HTTP API waits 30 s at most. "alb" waits as long as Lambda runs.',
  }),
  ENGINE_STOPPING: entry<{ service: string }>({
    blame: 'machine',
    exit: EXIT.unexpected,
    when: 'A request arrives while the engine stops. Answered 503.',
    say: () => 'The engine is stopping.',
    fix: () => 'Start it again with "fulcrum dev".',
  }),
  FORCE_IMPOSSIBLE: entry<{ value: string; allowed: readonly string[] }>({
    blame: 'client',
    exit: EXIT.unexpected,
    when: 'x-fulcrum-force asks for a compute that the service does not have. Answered 400.',
    say: ({ value }) => `x-fulcrum-force: ${value} cannot be followed here.`,
    fix: ({ allowed }) => `Use one of: ${allowed.join(', ')}.`,
  }),
  INTERNAL: entry<{ what: string }>({
    blame: 'bug',
    exit: EXIT.unexpected,
    when: 'Fulcrum itself is at fault.',
    say: ({ what }) => `Fulcrum failed: ${what}.`,
    fix: () => 'Please report it with the output of the same command under --debug.',
  }),
};
