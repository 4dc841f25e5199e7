// What `fulcrum cost --json` prints. Held to schema/cost.schema.json by a test.

export type Mix = 'lambda' | 'fargate' | 'hybrid';

export interface Comparison {
  readonly schemaVersion: 1;
  readonly app: string;
  readonly region: string;
  /** The day of the newest price of the book, as 2026-11-20. */
  readonly pricesAsOf: string;
  readonly freeTier: 'none' | 'always' | 'legacy';
  readonly workload: {
    readonly requestsPerDay: number;
    readonly requestsPerMonth: number;
    readonly shape: string;
    /** Busiest moment over the mean of the month. */
    readonly peakOverAverage: number;
    readonly averageConcurrency: number;
  };
  /** Null with a reason in `notApplicable` where the app cannot run that way. */
  readonly computes: Readonly<Record<Mix, MixCost | null>>;
  readonly notApplicable: Readonly<Partial<Record<Mix | 'breakEven', string>>>;
  readonly breakEven: BreakEven | null;
  /** Every figure that the bills rest on, with where it is from. */
  readonly assumptions: readonly AssumptionLine[];
  /** Old prices, prices of low confidence, items without a price. */
  readonly warnings: readonly string[];
  /** What is not in these bills. */
  readonly notModelled: readonly string[];
}

export interface MixCost {
  readonly monthlyUsd: number;
  readonly perMillionRequestsUsd: number | null;
  /** With every uncertain figure at its cheaper, and at its dearer end. */
  readonly range: { readonly lowUsd: number; readonly highUsd: number };
  readonly lines: readonly CostLine[];
  /** Items without a known price: they are not in the sum. */
  readonly unknown: readonly string[];
  /** The largest line, and its part of the whole: 0 to 1. */
  readonly dominatedBy: { readonly item: string; readonly share: number } | null;
  /** The figure on which the bill hangs most: percent of the bill for one percent of it. */
  readonly mostSensitiveTo: { readonly figure: string; readonly elasticity: number } | null;
  /** Tasks at the mean and at the peak; 0 on Lambda alone. */
  readonly tasks: { readonly mean: number; readonly peak: number };
  /** Of the requests, the part Lambda serves: 0 to 1. */
  readonly lambdaShare: number;
}

export interface CostLine {
  readonly item: string;
  readonly part: string;
  readonly service: string | null;
  readonly compute: 'lambda' | 'fargate' | null;
  readonly quantity: number;
  /** Units of it that the free tier covers. */
  readonly free: number;
  readonly unit: string;
  /** Null: no price is known. */
  readonly usd: number | null;
  /** Where the price is from, and the day it was read. */
  readonly source: string | null;
  readonly date: string | null;
  readonly confidence: 'A' | 'B' | 'C' | 'D' | null;
  readonly note: string | null;
}

export interface BreakEven {
  /** Fewest requests a day at which Fargate alone costs no more than Lambda alone. */
  readonly firstRequestsPerDay: number | null;
  /** From here on it never costs more again. */
  readonly holdsFromRequestsPerDay: number | null;
  /** Lambda environments busy on the average at the first. */
  readonly averageConcurrency: number | null;
  /** Between these the cheaper one changes several times; null when it changes once. */
  readonly band: { readonly fromRequestsPerDay: number; readonly toRequestsPerDay: number } | null;
  /** Why there is none, in words; null when there is one. */
  readonly never: string | null;
  readonly tasksAtFirst: number | null;
  readonly entry: { readonly lambda: string; readonly fargate: string };
}

export interface AssumptionLine {
  readonly figure: string;
  readonly service: string | null;
  readonly low: number;
  readonly expected: number;
  readonly high: number;
  readonly unit: string;
  readonly from: string;
}
