// Environments of a service: its unmodified HTTP program, served as behind the Lambda Web Adapter.

import type { LambdaSettings, Service } from '../../model/app.ts';
import type { EngineInputs, EnginePorts } from '../program.ts';
import { Books, type BooksParts } from './books.ts';
import type { EnvironmentKind } from './environment.ts';
import { startProgram } from './environment-process.ts';
import type { LambdaTrack } from './lambda-track.ts';
import { platformLog } from './platform-log.ts';
import { type LambdaRequest, RunningEnvironment } from './running-environment.ts';

export type ServiceTrack = LambdaTrack<LambdaRequest>;

export interface ServiceKindParts extends BooksParts {
  readonly ports: EnginePorts;
  readonly inputs: EngineInputs;
  readonly service: Service;
  readonly settings: LambdaSettings;
  readonly functionName: string;
}

export function serviceKind(parts: ServiceKindParts): EnvironmentKind<LambdaRequest> {
  const { ports, inputs, service, settings, functionName } = parts;
  const { clock, rng } = ports;
  const books = new Books(parts);
  const style = inputs.app.local.assume.reportStyle;
  return {
    async start(spec, owner) {
      const { log, provisioned } = spec;
      const platform = platformLog({ clock, log, format: settings.logFormat, style });
      const process = await startProgram(ports, {
        ...spec,
        inputs,
        service,
        settings,
        functionName,
        platform,
      });
      const running = { clock, rng, service, settings, books, platform, provisioned, owner };
      return new RunningEnvironment(process, running);
    },
    refuse(request, environment, fault) {
      request.settled({ kind: 'failed', status: 502, fault, environment, cold: true });
    },
  };
}
