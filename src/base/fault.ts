// The one error class. Callers branch on `code`, tests compare `facts`, the command line prints
// `message` and then `fix`; the words are in `faults.ts`.

import type { Blame, FaultEntry } from './fault-entry.ts';
import { FAULTS } from './faults.ts';
import type { Exit } from './ports.ts';

export type FaultCode = keyof typeof FAULTS;
export type FactsOf<code extends FaultCode> = Parameters<(typeof FAULTS)[code]['say']>[0];

export class Fault<code extends FaultCode = FaultCode> extends Error {
  override readonly name = 'Fault';
  readonly code: code;
  readonly facts: FactsOf<code>;
  readonly blame: Blame;
  readonly exitCode: number;
  readonly fix: string;

  constructor(code: code, facts: FactsOf<code>, options?: ErrorOptions) {
    // TypeScript cannot see that `facts` fits the entry that `code` selects.
    const { blame, exit, say, fix } = FAULTS[code] as unknown as FaultEntry<FactsOf<code>>;
    super(say(facts), options);
    this.code = code;
    this.facts = facts;
    this.blame = blame;
    this.exitCode = exit;
    this.fix = fix(facts);
  }

  /** What JSON output carries. */
  toJSON(): FaultRecord {
    const { code, blame, message, fix, facts } = this;
    return { code, blame, message, fix, facts: facts as Readonly<Record<string, unknown>> };
  }
}

export interface FaultRecord {
  readonly code: FaultCode;
  readonly blame: Blame;
  readonly message: string;
  readonly fix: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export function isFault<code extends FaultCode>(error: unknown, code: code): error is Fault<code> {
  return error instanceof Fault && error.code === code;
}

/** Turns whatever was thrown into a fault; what is not one is a bug of ours, with its cause. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const what = error instanceof Error ? error.message : String(error);
  return new Fault('INTERNAL', { what }, { cause: error });
}

/** "exit code 1", "signal SIGKILL". */
export function sayExit(exit: Exit): string {
  return 'code' in exit ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}

/** "no space left on device": what a failed call of the system says, without its code and path. */
export function systemReason(error: unknown): string {
  return error instanceof Error
    ? error.message.replace(/^([A-Z]+): ([^,]+),.*$/s, '$2')
    : String(error);
}
