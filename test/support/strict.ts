// A warning of Node is a failure: deprecated calls and leaking listeners are caught here.

import { afterAll } from 'vitest';

const warnings: Error[] = [];
process.on('warning', (warning) => warnings.push(warning));

afterAll(() => {
  if (warnings.length > 0) throw new AggregateError(warnings, String(warnings[0]));
});
