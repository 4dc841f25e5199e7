import type { Simulation } from './simulate-report.ts';
export function simulatePage(_: Simulation): string {
  return '';
}
