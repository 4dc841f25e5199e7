// Rules about target groups that speak HTTP/2 or gRPC. As `cross-checks.ts`, they read the raw file
// and leave to the schema whatever is not of the expected shape. [ELB:load-balancer-target-groups]

import { isBlock } from './overlay.ts';
import { type Finding, valueAt } from './problems.ts';

type Block = Readonly<Record<string, unknown>>;

export function checkProtocols(services: Block, entry: unknown): readonly Finding[] {
  return Object.entries(services).flatMap(([name, service]) =>
    isBlock(service) ? checkService(name, service, entry) : [],
  );
}

function checkService(name: string, service: Block, entry: unknown): readonly Finding[] {
  const protocol = valueAt(service, ['fargate', 'targetGroup', 'protocol']);
  const grpc = protocol === 'grpc';
  const findings = checkMatcher(name, service, grpc);
  if (protocol !== 'http2' && !grpc) return findings;
  const path = ['services', name, 'fargate', 'targetGroup', 'protocol'];
  const listener = listenerProblem(entry);
  if (listener !== undefined) findings.push({ path, ...listener });
  if (service['lambda'] !== undefined) {
    findings.push({
      path: ['services', name, 'lambda'],
      say: `does not go with "protocol: ${protocol}" of its target group: programs on Lambda are asked with HTTP/1.1`,
      fix: 'Remove "lambda", or use "protocol: http1".',
    });
  }
  return findings;
}

/** Clients reach such a group over HTTPS with HTTP/2 alone. */
function listenerProblem(entry: unknown): Omit<Finding, 'path'> | undefined {
  const block = isBlock(entry) ? entry : { type: entry };
  if (block['type'] === 'http-api') {
    return {
      say: 'an HTTP API reaches programs with HTTP/1.1 alone',
      fix: 'Use "protocol: http1", or "entry: { type: alb, https: true }".',
    };
  }
  const https = block['https'];
  if (https === undefined || https === false) {
    return {
      say: 'needs a listener for HTTPS, and the entry has none',
      fix: 'Add "https: true" to "entry", or use "protocol: http1".',
    };
  }
  if (!isBlock(https) || https['http2'] !== false) return undefined;
  return {
    say: 'needs clients that speak HTTP/2, and "https.http2" of the entry is off',
    fix: 'Remove "http2: false" from "entry.https", or use "protocol: http1".',
  };
}

function checkMatcher(name: string, service: Block, grpc: boolean): Finding[] {
  const given = valueAt(service, ['health', 'matcher']);
  if (typeof given !== 'string' && typeof given !== 'number') return [];
  const path = ['services', name, 'health', 'matcher'];
  const matcher = String(given);
  const ofGrpc = /^\d\d?(\D|$)/.test(matcher);
  if (ofGrpc === grpc) return [];
  if (grpc) {
    return [
      {
        path,
        say: `must be codes of gRPC from 0 to 99, was: ${matcher}`,
        fix: 'Write as "12", "0-5" or "0,12"; 0 is OK, 12 is UNIMPLEMENTED.',
      },
    ];
  }
  return [
    {
      path,
      say: `must be status codes from 200 to 499, was: ${matcher}`,
      fix: 'Write as "200", "200-299" or "200,302"; codes of gRPC go with "protocol: grpc".',
    },
  ];
}
