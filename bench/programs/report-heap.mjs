// Loaded into an engine by --import: says in the file $SOAK_HEAP_FILE how small its heap was within
// the last seconds, in bytes. Just after a collection that is what is really kept.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const SECONDS = 10;
const recent = [];

if (isMainThread) {
  setInterval(() => {
    recent.push(process.memoryUsage().heapUsed);
    if (recent.length > SECONDS) recent.shift();
    writeFileSync(process.env.SOAK_HEAP_FILE, String(Math.min(...recent)));
  }, 1000).unref();
}
