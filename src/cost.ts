// What it costs, as pure functions.

export { MONTH_DAYS, MONTH_HOURS } from './base/units.ts';
export { compare, type Question } from './cost/compare/compare.ts';
export type {
  AssumptionLine,
  BreakEven,
  Comparison,
  CostLine,
  Mix,
  MixCost,
} from './cost/compare/comparison.ts';
export { answer, type WhatIf, whatIf } from './cost/compare/what-if.ts';
export { billOf, type Estimate, type EstimateOptions, estimate } from './cost/estimate/estimate.ts';
export type { Figure, RequestProfile, ServiceSetUp, SetUp } from './cost/estimate/set-up.ts';
export { type MeasuredProfiles, setUpOf } from './cost/estimate/set-up-of.ts';
export type { Workload } from './cost/estimate/workload.ts';
export { type Allowance, type FreeTierMode, freeTierOf } from './cost/free-tier.ts';
export { type Meter, meter } from './cost/meter.ts';
export { type Pico, picoOf, usdOf } from './cost/money.ts';
export { CATALOGUE, PRICE_ITEMS, type PriceItem } from './cost/prices/catalogue.ts';
export type { CatalogueItem, OfferKey } from './cost/prices/catalogue-item.ts';
export { findItem, nearItems } from './cost/prices/find-item.ts';
export { type Price, type PriceBook, priceBook, pricedRegions } from './cost/prices/price-book.ts';
export type { PriceData } from './cost/prices/price-data.ts';
export { nearestRegions, placeOf } from './cost/prices/regions.ts';
export { priceWarnings } from './cost/prices/warnings.ts';
export { quantitiesOf } from './cost/quantities.ts';
export type { Quantity } from './cost/quantity.ts';
export { type Bill, type BillLine, rate } from './cost/rating.ts';
export { albQuantities, lcuQuantities } from './cost/rules/alb.ts';
export {
  httpApiQuantities,
  restApiQuantities,
  webSocketQuantities,
} from './cost/rules/api-gateway.ts';
export { logQuantities, monitoringQuantities, traceQuantities } from './cost/rules/cloudwatch.ts';
export { fargateQuantities } from './cost/rules/fargate.ts';
export { lambdaQuantities } from './cost/rules/lambda.ts';
export {
  addressQuantities,
  endpointQuantities,
  natQuantities,
  transferQuantities,
} from './cost/rules/network.ts';
export { NOT_MODELLED } from './cost/rules/not-modelled.ts';
export type { Invocation } from './cost/traffic-meter.ts';
export { type TaskSize, taskUsdPerSecond, type UnitUsd, unitUsdOf } from './cost/unit-prices.ts';
export type {
  AlbUsage,
  DoorUsage,
  FargateUsage,
  HttpApiUsage,
  LambdaUsage,
  ServiceUsage,
  Usage,
} from './cost/usage.ts';
