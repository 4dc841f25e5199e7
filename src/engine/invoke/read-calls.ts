// The calls of the API that read: functions, versions and aliases as the model has them.
// [BOTO lambda FunctionConfiguration, AliasConfiguration]

import { pathToFileURL } from 'node:url';
import type { FunctionAlias } from '../../model/app.ts';
import { awsNames, functionArn } from '../../model/metric.ts';
import { LATEST, resolveVersion } from '../../routing/function-version.ts';
import {
  type ApiError,
  aliasNotFound,
  functionNotFound,
  invalidParameter,
  validationFailed,
} from './api-error.ts';
import type { FunctionBook, InvokableFunction } from './function-book.ts';
import type { Operation } from './operation.ts';

export interface ReadParts {
  readonly app: string;
  readonly book: FunctionBook;
  /** When the functions became what they are: ISO 8601, as Lambda writes it. */
  readonly lastModified: string;
}

export type ReadOperation = Extract<Operation, { type: 'read' | 'list' }>;

export type ReadAnswer = { readonly body: object } | { readonly error: ApiError };

/** Items of a page, by default and at most. [BOTO lambda MaxListItems] */
const PAGE = { usual: 50, most: 10_000 } as const;

export function readCall(parts: ReadParts, operation: ReadOperation): ReadAnswer {
  const { book } = parts;
  if (operation.type === 'list') return listFunctions(parts, operation.query);
  const { named, kind, query } = operation;
  if ('problem' in named) {
    const { problem } = named;
    return {
      error: named.kind === 'mismatch' ? invalidParameter(problem) : validationFailed(problem),
    };
  }
  const fn = book.function(named);
  // An alias is described by its first version: chance has no place in what is read.
  const version = fn && resolveVersion(fn, named.qualifier, 1);
  if (fn === undefined || version === undefined)
    return { error: functionNotFound(book.arn(named)) };
  switch (kind) {
    case 'GetFunctionConfiguration':
      return { body: configurationOf(parts, fn, version, named.qualifier) };
    case 'GetFunction':
      return { body: functionOf(parts, fn, version, named.qualifier) };
    case 'ListVersionsByFunction': {
      const all = versionsOf(fn).map((one) => configurationOf(parts, fn, one, one));
      return page('Versions', all, query);
    }
    case 'ListAliases': {
      const wanted = query.get('FunctionVersion');
      const all = Object.entries(fn.aliases)
        .filter(([, { version: first }]) => wanted === null || first === wanted)
        .map(([name, alias]) => aliasOf(book, fn, name, alias));
      return page('Aliases', all, query);
    }
    case 'GetAlias': {
      const alias = Object.hasOwn(fn.aliases, operation.alias)
        ? fn.aliases[operation.alias]
        : undefined;
      const arn = functionArn(book.region, fn.functionName, operation.alias);
      return alias === undefined
        ? { error: aliasNotFound(arn) }
        : { body: aliasOf(book, fn, operation.alias, alias) };
    }
  }
}

function listFunctions(parts: ReadParts, query: URLSearchParams): ReadAnswer {
  const every = query.get('FunctionVersion') === 'ALL';
  const all = parts.book.all().flatMap((fn) => {
    const versions = every ? versionsOf(fn) : [LATEST];
    return versions.map((version) =>
      configurationOf(parts, fn, version, every ? version : undefined),
    );
  });
  return page('Functions', all, query);
}

/** `$LATEST` first, then by number. */
function versionsOf(fn: InvokableFunction): readonly string[] {
  const numbers = Object.keys(fn.versions).filter((version) => version !== LATEST);
  return [LATEST, ...numbers];
}

function page(key: string, all: readonly object[], query: URLSearchParams): ReadAnswer {
  const marker = query.get('Marker');
  const from = marker === null ? 0 : Number(marker);
  const most = Number(query.get('MaxItems') ?? PAGE.usual);
  if (!Number.isInteger(from) || from < 0 || from > all.length) {
    return { error: invalidParameter('Invalid Marker') };
  }
  if (!Number.isInteger(most) || most < 1 || most > PAGE.most) {
    return {
      error: validationFailed(
        `1 validation error detected: Value '${query.get('MaxItems')}' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and ${PAGE.most}`,
      ),
    };
  }
  const to = from + Math.min(most, PAGE.usual);
  const more = to < all.length ? { NextMarker: String(to) } : {};
  return { body: { [key]: all.slice(from, to), ...more } };
}

function configurationOf(
  { app, book, lastModified }: ReadParts,
  fn: InvokableFunction,
  version: string,
  qualifier: string | undefined,
): object {
  const facts = fn.versions[version];
  if (facts === undefined) return {};
  const { settings, environment, handler } = facts;
  return {
    FunctionName: fn.functionName,
    FunctionArn: functionArn(book.region, fn.functionName, qualifier),
    ...(handler !== undefined && { Handler: handler }),
    Timeout: Math.ceil(settings.timeoutMs / 1000),
    MemorySize: settings.memoryMiB,
    LastModified: lastModified,
    Version: version,
    ...(Object.keys(environment).length > 0 && { Environment: { Variables: environment } }),
    TracingConfig: { Mode: 'PassThrough' },
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: settings.ephemeralMiB },
    LoggingConfig: {
      LogFormat: settings.logFormat === 'json' ? 'JSON' : 'Text',
      LogGroup: awsNames(app).lambdaLogGroup(fn.name),
    },
  };
}

function functionOf(
  parts: ReadParts,
  fn: InvokableFunction,
  version: string,
  qualifier: string | undefined,
): object {
  const folder = fn.versions[version]?.folder ?? '';
  return {
    Configuration: configurationOf(parts, fn, version, qualifier),
    Code: { RepositoryType: 'file', Location: pathToFileURL(folder).href },
    ...(fn.reserved !== undefined && {
      Concurrency: { ReservedConcurrentExecutions: fn.reserved },
    }),
  };
}

function aliasOf(
  book: FunctionBook,
  fn: InvokableFunction,
  name: string,
  { version, second }: FunctionAlias,
): object {
  return {
    AliasArn: functionArn(book.region, fn.functionName, name),
    Name: name,
    FunctionVersion: version,
    Description: '',
    ...(second && {
      RoutingConfig: { AdditionalVersionWeights: { [second.version]: second.share } },
    }),
  };
}
