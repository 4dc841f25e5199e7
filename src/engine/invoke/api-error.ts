// The errors of the Lambda API, as REST-JSON carries them: a status, the type in a field, and a body
// whose keys differ from error to error. [BOTO lambda]

export interface ApiError {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly body: string;
  /** Further lines "Name: value\r\n". */
  readonly fields: string;
}

const capital = (message: string) => JSON.stringify({ Type: 'User', Message: message });
const small = (message: string) => JSON.stringify({ Type: 'User', message });

function error(status: number, type: string, message: string, body: string): ApiError {
  return { status, type, message, body, fields: '' };
}

export function functionNotFound(arn: string): ApiError {
  const message = `Function not found: ${arn}`;
  return error(404, 'ResourceNotFoundException', message, capital(message));
}

export function aliasNotFound(arn: string): ApiError {
  const message = `Cannot find alias arn: ${arn}`;
  return error(404, 'ResourceNotFoundException', message, capital(message));
}

export function validationFailed(message: string): ApiError {
  return error(400, 'ValidationException', message, JSON.stringify({ message }));
}

export function invalidParameter(message: string): ApiError {
  return error(400, 'InvalidParameterValueException', message, small(message));
}

export function invalidContent(message: string): ApiError {
  return error(400, 'InvalidRequestContentException', message, small(message));
}

export function unsupportedMediaType(type: string): ApiError {
  const message = `The content type of the request body is not JSON, was: ${type}`;
  return error(415, 'UnsupportedMediaTypeException', message, small(message));
}

export function tooLarge(bytes: number, how: string, limit: number): ApiError {
  const message = `${bytes} byte payload is too large for the ${how} invocation type (limit ${limit} bytes)`;
  return error(413, 'RequestTooLargeException', message, small(message));
}

/** `retryAfter` in seconds. */
export function tooManyRequests(reason: string, retryAfter: number): ApiError {
  const message = 'Rate Exceeded.';
  const body = JSON.stringify({ Reason: reason, Type: 'User', message });
  const fields = `Retry-After: ${retryAfter}\r\n`;
  return { status: 429, type: 'TooManyRequestsException', message, body, fields };
}

export function unknownOperation(method: string, path: string): ApiError {
  const message = `fulcrum answers Invoke, InvokeWithResponseStream, InvokeAsync, GetFunction, GetFunctionConfiguration, ListFunctions, ListVersionsByFunction, ListAliases and GetAlias; not ${method} ${path}`;
  return error(404, 'UnknownOperationException', message, JSON.stringify({ message }));
}

export function serviceFailed(message: string): ApiError {
  return error(
    500,
    'ServiceException',
    message,
    JSON.stringify({ Type: 'Service', Message: message }),
  );
}

export function accessDenied(why: string): ApiError {
  const message = `Refused: ${why}.`;
  return error(403, 'AccessDeniedException', message, JSON.stringify({ Message: message }));
}

/** A request that is no HTTP, or does not end. */
export function badRequest(status: number, message: string): ApiError {
  return error(status, 'BadRequestException', message, JSON.stringify({ message }));
}
