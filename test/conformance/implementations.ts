// What the cases are run against.

import { fulcrum } from './fulcrum.ts';
import { inContainers } from './in-containers.ts';
import { rie } from './rie.ts';
import type { LambdaUnderTest } from './under-test.ts';

export const IMPLEMENTATIONS: readonly LambdaUnderTest[] = [fulcrum, rie];

/** Of cases that do not look at a function from outside. */
export const WITH_CONTAINERS: readonly LambdaUnderTest[] = [fulcrum, inContainers, rie];
