// What the cases are run against.

import { fulcrum } from './fulcrum.ts';
import { rie } from './rie.ts';
import type { LambdaUnderTest } from './under-test.ts';

export const IMPLEMENTATIONS: readonly LambdaUnderTest[] = [fulcrum, rie];
