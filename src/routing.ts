// Where a request goes, as pure functions.

export { type Ask, type Choice, choose, type Refusal } from './routing/choose.ts';
export { type DescribedRequest, type Explanation, explainRequest } from './routing/explain.ts';
export {
  compileRoutes,
  type Match,
  type RequestFacts,
  type RouteTable,
} from './routing/route-table.ts';
