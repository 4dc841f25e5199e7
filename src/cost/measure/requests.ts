// What is sent to a service to measure it.

/** One kind of request, as a person gives it. */
export interface RequestSpec {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Over 0: of requests with weights 3 and 1, three in four are the first. */
  readonly weight: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export const MAX_WEIGHT = 1000;

const LINE = /^(?:(\d{1,4})\s+)?(?:([A-Za-z]+)\s+)?(\/[\x21-\x7e]*)$/;

/** "GET /path", "/path", or with its weight in front: "3 POST /orders". Undefined: it is none. */
export function parseRequest(
  text: string,
): Pick<RequestSpec, 'method' | 'path' | 'weight'> | undefined {
  const match = LINE.exec(text.trim());
  if (match === null) return undefined;
  const [, weight = '1', method = 'GET', path = '/'] = match;
  const times = Number(weight);
  if (times < 1 || times > MAX_WEIGHT || path.includes('#')) return undefined;
  return { method: method.toUpperCase(), path, weight: times };
}

export const sayRequest = ({ method, path }: Pick<RequestSpec, 'method' | 'path'>): string =>
  `${method} ${path}`;

/**
 * The order in which they are sent, again and again: each as often as its weight says, spread evenly
 * (smooth weighted round robin).
 */
export function orderOf(weights: readonly number[]): readonly number[] {
  const divisor = weights.reduce(commonDivisor, 0) || 1;
  const steps = weights.map((weight) => weight / divisor);
  const total = steps.reduce((sum, step) => sum + step, 0);
  const credit = steps.map(() => 0);
  const order: number[] = [];
  for (let count = 0; count < total; count += 1) {
    let chosen = 0;
    steps.forEach((step, index) => {
      credit[index] = (credit[index] ?? 0) + step;
      if ((credit[index] ?? 0) > (credit[chosen] ?? 0)) chosen = index;
    });
    credit[chosen] = (credit[chosen] ?? 0) - total;
    order.push(chosen);
  }
  return order;
}

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other);
}
