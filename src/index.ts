// The package as a library: read an app, run it on this machine, listen.

export { Fault, type FaultCode, isFault } from './base/fault.ts';
export { type ConfigFile, loadApp } from './config/load.ts';
export type { EngineStatus } from './engine/control/status.ts';
export { realMachine } from './host/machine.ts';
export type { App, Compute, Service } from './model/app.ts';
export type { EngineEvent } from './model/event.ts';
export type { Route } from './model/route.ts';
export { type DevOptions, type DevSession, startDev } from './ops/dev.ts';
