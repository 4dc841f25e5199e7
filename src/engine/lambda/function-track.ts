// One version of a function as those see it who invoke it.

import type { Millis } from '../../base/units.ts';
import type { Throttle } from '../../fleet/lambda-account.ts';
import { LAMBDA_INIT_LIMIT_MS, LAMBDA_PROVISIONED_INIT_LIMIT_MS } from '../../model/aws-limits.ts';
import { Books, type BooksParts } from './books.ts';
import type { Admitted, EnvironmentKind } from './environment.ts';
import { FunctionEnvironment } from './function-environment.ts';
import { crashError } from './function-errors.ts';
import type { FunctionProgram } from './function-program.ts';
import type { FunctionInvocation, InvocationTarget, Ticket } from './invocation.ts';
import type { LambdaTrack } from './lambda-track.ts';
import { LogTap } from './log-tap.ts';
import { platformLog } from './platform-log.ts';

const NO_LOG = Buffer.alloc(0);

/** How environments of a function are made. */
export function functionKind(
  from: FunctionProgram,
  parts: BooksParts,
): EnvironmentKind<FunctionInvocation> {
  const { clock } = from.ports;
  const { settings } = from;
  const books = new Books(parts);
  const style = from.inputs.app.local.assume.reportStyle;
  return {
    async start(spec, owner) {
      const log = new LogTap(spec.log);
      const platform = platformLog({ clock, log, format: settings.logFormat, style });
      const environment = new FunctionEnvironment({
        from,
        spec: { ...spec, log },
        books,
        owner,
        log,
        platform,
      });
      const limitMs = spec.provisioned
        ? Math.max(LAMBDA_PROVISIONED_INIT_LIMIT_MS, settings.timeoutMs)
        : LAMBDA_INIT_LIMIT_MS;
      const fault = await environment.start(limitMs);
      if (fault === undefined) return environment;
      // Without anybody who waits INIT is tried again later, else inside the invocation that waits.
      if (spec.provisioned || spec.signal.aborted) throw fault;
      owner.failed(fault);
      return environment;
    },
    refuse(invocation, environment, fault) {
      const failure = { errorType: 'Sandbox.Failure', message: fault.message };
      const error = crashError(invocation.requestId, failure);
      const facts = { environment, cold: true, durationMs: 0, logTail: NO_LOG };
      invocation.settled({ kind: 'failed', error, fault, ...facts });
    },
  };
}

export class FunctionTrack implements InvocationTarget {
  readonly name: string;
  readonly functionName: string;
  readonly version: string;
  readonly #track: LambdaTrack<FunctionInvocation>;

  constructor(from: FunctionProgram, track: LambdaTrack<FunctionInvocation>) {
    this.name = from.program.name;
    this.functionName = from.functionName;
    this.version = from.version;
    this.#track = track;
  }

  throttled(now: Millis): Throttle | undefined {
    return this.#track.view(now).throttled;
  }

  countThrottle(): void {
    this.#track.throttled();
  }

  invoke(invocation: FunctionInvocation): Ticket {
    return new FunctionTicket(this.#track, this.#track.invoke(invocation));
  }
}

class FunctionTicket implements Ticket {
  readonly #track: LambdaTrack<FunctionInvocation>;
  readonly #admitted: Admitted<FunctionInvocation>;

  constructor(track: LambdaTrack<FunctionInvocation>, admitted: Admitted<FunctionInvocation>) {
    this.#track = track;
    this.#admitted = admitted;
  }

  giveUp(): void {
    this.#track.giveUp(this.#admitted);
  }

  resume(): void {
    this.#admitted.resume?.();
  }
}
