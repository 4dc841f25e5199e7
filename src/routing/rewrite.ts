// Writes path and host of a request anew, as the transforms of a rule do before it is forwarded.
// [ELB:rule-transforms]
//
// Invariants
//   W1. The first match alone is replaced; what stands around it stays.
//   W2. Without a match everything goes on as it came.
//   W3. What would not be a target or a host is never sent on: the rewrite fails.

import { ALB_HEAD_BYTES } from '../model/aws-limits.ts';
import type { Replacement, Rewrite } from '../model/route.ts';
import { compileRegex } from '../model/rule-regex.ts';

/** What a request asks for, and of whom. */
export interface Addressed {
  /** Path and query. */
  readonly target: string;
  readonly host: string;
}

/** "TransformInvalidPath" and so on are what access logs call it. [ELB:load-balancer-access-logs] */
export type Rewritten =
  | (Addressed & { readonly status: 'TransformSuccess' })
  | {
      readonly status: 'TransformBufferTooSmall' | 'TransformInvalidHost' | 'TransformInvalidPath';
      readonly problem: string;
    };

export type Rewriter = (request: Addressed) => Rewritten;

export function compileRewrite(rewrite: Rewrite): Rewriter {
  const writePath = rewrite.path && compileReplacement(rewrite.path, { ignoreCase: false });
  const writeHost = rewrite.host && compileReplacement(rewrite.host, { ignoreCase: true });
  return (request) => {
    const target = writePath === undefined ? request.target : writePath(request.target);
    const host = writeHost === undefined ? request.host : writeName(request.host, writeHost);
    if (target.length > ALB_HEAD_BYTES.line) {
      const problem = `the new path has more than ${ALB_HEAD_BYTES.line} bytes`;
      return { status: 'TransformBufferTooSmall', problem };
    }
    if (!/^\/[\x21-\x7e\x80-\xff]*$/.test(target)) {
      return { status: 'TransformInvalidPath', problem: `"${target}" is no path` };
    }
    if (host !== request.host && !/^[\w.-]{1,253}(:\d{1,5})?$/.test(host)) {
      return { status: 'TransformInvalidHost', problem: `"${host}" is no host` };
    }
    return { status: 'TransformSuccess', target, host };
  };
}

/** The port stays as it is. */
function writeName(host: string, write: (name: string) => string): string {
  const [port = ''] = /:\d+$/.exec(host) ?? [];
  return write(host.slice(0, host.length - port.length)) + port;
}

function compileReplacement(
  { match, replace }: Replacement,
  options: { readonly ignoreCase: boolean },
): (text: string) => string {
  const regex = compileRegex(match, options);
  const parts = replacementParts(replace);
  return (text) => {
    const found = regex.first(text);
    if (found === undefined) return text;
    let written = text.slice(0, found.start);
    for (const part of parts) {
      written += typeof part === 'string' ? part : (found.groups[part] ?? '');
    }
    return written + text.slice(found.end);
  };
}

/** Texts, and numbers of groups. */
function replacementParts(replace: string): readonly (string | number)[] {
  return replace
    .split(/(\$\d)/)
    .filter((part) => part !== '')
    .map((part) => (/^\$\d$/.test(part) ? Number(part[1]) : part));
}
