// What the cases are run against.

import { rie } from './rie.ts';
import type { LambdaUnderTest } from './under-test.ts';

export const IMPLEMENTATIONS: readonly LambdaUnderTest[] = [rie];
