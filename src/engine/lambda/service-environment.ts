// Environments of a service: its unmodified HTTP program, served as behind the Lambda Web Adapter.

import type { LambdaSettings, Service } from '../../model/app.ts';
import type { AdapterSettings } from '../../payload/adapter-settings.ts';
import type { EngineInputs, EnginePorts } from '../program.ts';
import { Books, type BooksParts } from './books.ts';
import type { EnvironmentKind } from './environment.ts';
import { startProgram } from './environment-process.ts';
import type { LambdaTrack } from './lambda-track.ts';
import { LogTap } from './log-tap.ts';
import { platformLog } from './platform-log.ts';
import { type LambdaRequest, RunningEnvironment } from './running-environment.ts';

const NO_LOG = Buffer.alloc(0);

export type ServiceTrack = LambdaTrack<LambdaRequest>;

export interface ServiceKindParts extends BooksParts {
  readonly ports: EnginePorts;
  readonly inputs: EngineInputs;
  readonly service: Service;
  readonly settings: LambdaSettings;
  readonly functionName: string;
  readonly adapter: AdapterSettings;
}

export function serviceKind(parts: ServiceKindParts): EnvironmentKind<LambdaRequest> {
  const { ports, inputs, service, settings, functionName, adapter } = parts;
  const { clock, rng } = ports;
  const books = new Books(parts);
  const style = inputs.app.local.assume.reportStyle;
  return {
    async start(spec, owner) {
      const { provisioned } = spec;
      const log = new LogTap(spec.log);
      for (const warning of adapter.warnings) log.write(`WARN ${warning}`);
      const platform = platformLog({ clock, log, format: settings.logFormat, style });
      const process = await startProgram(ports, {
        ...spec,
        log,
        inputs,
        service,
        settings,
        functionName,
        platform,
        adapter,
      });
      return new RunningEnvironment(process, {
        clock,
        rng,
        service,
        settings,
        books,
        platform,
        provisioned,
        owner,
        log,
        adapter,
      });
    },
    refuse(request, environment, fault) {
      const facts = { environment, cold: true, logTail: NO_LOG };
      const failure = { kind: 'no-environment' } as const;
      request.settled({ kind: 'failed', status: 502, fault, failure, ...facts });
    },
  };
}
