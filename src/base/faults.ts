// Every failure a user can meet, listed once.
//
// An entry has the blame (whose move it is), the exit code of a command that ends with it, one
// sentence built from the facts, and one thing to do. Code that fails supplies facts; only these
// tables word them. The reference page `docs/guide/faults.md` is made from them.

import { CONFIG_FAULTS } from './faults-config.ts';
import { CONTAINER_FAULTS } from './faults-container.ts';
import { COST_FAULTS } from './faults-cost.ts';
import { ENGINE_FAULTS } from './faults-engine.ts';
import { FUNCTION_FAULTS } from './faults-function.ts';
import { INVOKE_FAULTS } from './faults-invoke.ts';
import { MEASURE_FAULTS } from './faults-measure.ts';
import { PLACEMENT_FAULTS } from './faults-placement.ts';
import { PRICE_FAULTS } from './faults-prices.ts';
import { QUEUE_FAULTS } from './faults-queue.ts';
import { RATE_FAULTS } from './faults-rate.ts';
import { REQUEST_FAULTS } from './faults-request.ts';
import { SIMULATE_FAULTS } from './faults-simulate.ts';
import { TASK_FAULTS } from './faults-task.ts';
import { TRAFFIC_FAULTS } from './faults-traffic.ts';

export const FAULTS = {
  ...CONFIG_FAULTS,
  ...ENGINE_FAULTS,
  ...CONTAINER_FAULTS,
  ...FUNCTION_FAULTS,
  ...INVOKE_FAULTS,
  ...RATE_FAULTS,
  ...REQUEST_FAULTS,
  ...QUEUE_FAULTS,
  ...TASK_FAULTS,
  ...PRICE_FAULTS,
  ...COST_FAULTS,
  ...TRAFFIC_FAULTS,
  ...MEASURE_FAULTS,
  ...SIMULATE_FAULTS,
  ...PLACEMENT_FAULTS,
};
