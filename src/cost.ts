// What it costs, as pure functions.

export { breakEvenConcurrency, taskUsdPerSecond } from './cost/break-even.ts';
export { type Invocation, type Meter, meter } from './cost/meter.ts';
export { type Pico, picoOf, usdOf } from './cost/money.ts';
export {
  type Price,
  type PriceBook,
  type PriceItem,
  priceBook,
  pricedRegions,
} from './cost/price-book.ts';
export { type Bill, type BillLine, rate } from './cost/rating.ts';
export type {
  AlbUsage,
  DoorUsage,
  FargateUsage,
  HttpApiUsage,
  LambdaUsage,
  ServiceUsage,
  Usage,
} from './cost/usage.ts';
