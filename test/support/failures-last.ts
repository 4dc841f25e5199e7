import type { Reporter, TestModule } from 'vitest/node';

/** Names what failed after all else: the end of a long log is what one sees of it. */
export const failuresLast: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const failed = modules.flatMap(failuresOf);
    if (failed.length === 0) return;
    process.stdout.write(`\nFailed:\n${failed.map((line) => `  ${line}\n`).join('')}\n`);
  },
};

function failuresOf(module: TestModule): string[] {
  const tests = [...module.children.allTests('failed')].map((test) => {
    const [error] = test.result().errors ?? [];
    return `${module.relativeModuleId} > ${test.fullName}: ${beginning(error?.message)}`;
  });
  const own = module
    .errors()
    .map((error) => `${module.relativeModuleId}: ${beginning(error.message)}`);
  return [...tests, ...own];
}

/** Of a property: the seed, and what was wrong of the smallest example. */
function beginning(message = ''): string {
  return message.split('\n', 3).join(' ');
}
