// Simulates every policy of placement on one trace, and what the best possible would have cost. The
// work is done in a thread; here is what it is asked, and what is made of what it tells.

import { resolve } from 'node:path';
import { Fault, type FactsOf, type FaultCode } from '../base/fault.ts';
import type { Millis } from '../base/units.ts';
import { applyChanges } from '../cost/compare/apply-change.ts';
import { asOption, parseChanges } from '../cost/compare/change.ts';
import { setUpOf } from '../cost/estimate/set-up-of.ts';
import type { SetUp } from '../cost/estimate/set-up.ts';
import { priceBook } from '../cost/prices/price-book.ts';
import { namedShape } from '../traffic/shape.ts';
import { costApp } from './cost-app.ts';
import { measuredOf, NOTHING_MEASURED, withFacts } from './cost-figures.ts';
import type { AppChoice } from './find-app.ts';
import type { Machine } from './machine.ts';
import { readMeasurement } from './measure/saved.ts';
import { pricesInUse } from './price-file.ts';
import { policiesOf, seedOf } from './simulate-asked.ts';
import type { Fidelity, SimulateMessage, SimulateOrder } from './simulate-order.ts';
import { POLICY_NAMES, policyAbout } from './simulate-policies.ts';
import { type ProfileFound, type ProfileSaid, profileOf, serviceOf } from './simulate-profile.ts';
import { unitPrices } from './simulate-prices.ts';
import type { Simulation } from './simulate-report.ts';
import {
  breakEvenOf,
  type DonePolicy,
  policyReport,
  profileReport,
  traceReport,
} from './simulate-result.ts';
import { type SimulatedTraffic, type TrafficWanted, trafficFor } from './simulate-traffic.ts';
import { simulationWarnings } from './simulate-words.ts';
import type { Watch } from './traffic-file.ts';
