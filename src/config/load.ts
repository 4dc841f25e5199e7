// Reads the text of a `fulcrum.yml`: unknown in, model out, once. Either the whole file is valid,
// for every stage it has, or the fault lists everything that is wrong with it.

import { type Document, LineCounter, parseDocument } from 'yaml';
import { Fault } from '../base/fault.ts';
import type { ConfigProblem } from '../base/fault-entry.ts';
import type { App } from '../model/app.ts';
import { crossCheck } from './cross-checks.ts';
import { jsonSchema } from './json-schema.ts';
import { modelOf } from './model-of.ts';
import { forStage, isBlock, nullsToBlocks } from './overlay.ts';
import { type Finding, findingsOf } from './problems.ts';
import { type AppInput, appSchema } from './schema.ts';
import { type SourceMap, sourceMap } from './source-map.ts';

export interface ConfigFile {
  /** As it is named in messages. */
  readonly name: string;
  readonly text: string;
}

/** Blocks that may be written with nothing below them. */
const EMPTY_BLOCKS = new Set([
  'lambda',
  'fargate',
  'environment',
  'secrets',
  'queues',
  'local',
  'cost',
  'stages',
  'url',
]);

/** More than a person writes; a file made to exhaust memory has millions. */
const MAX_ALIASES = 100;

/** Twice as deep as anything that has a meaning. */
const MAX_DEPTH = 20;

/** Throws CONFIG_INVALID or STAGE_UNKNOWN. */
export function loadApp(file: ConfigFile, stage: string | undefined): App {
  const { raw, map } = parseYaml(file);
  const stages = stageNames(raw);
  const results = [undefined, ...stages].map((name) => validate(file, raw, map, name));
  const problems = unique(results.flatMap((result) => result.problems));
  if (problems.length > 0) throw new Fault('CONFIG_INVALID', { file: file.name, problems });
  if (stage !== undefined && !stages.includes(stage)) {
    throw new Fault('STAGE_UNKNOWN', { stage, known: stages });
  }
  const chosen = results[stage === undefined ? 0 : stages.indexOf(stage) + 1]?.input;
  if (chosen === undefined) throw new Fault('INTERNAL', { what: 'a valid file gave no model' });
  return modelOf(chosen, stage);
}

function parseYaml(file: ConfigFile): { readonly raw: unknown; readonly map: SourceMap } {
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, prettyErrors: false });
  const problems = [...document.errors, ...document.warnings].map(({ pos, message }) => {
    const { line, col } = lines.linePos(pos[0]);
    return problem(
      file,
      { path: [], say: message, fix: 'Correct the YAML.' },
      {
        line: Math.max(1, line),
        column: Math.max(1, col),
      },
    );
  });
  if (problems.length > 0) throw new Fault('CONFIG_INVALID', { file: file.name, problems });
  const map = sourceMap(document, lines);
  const raw = toPlain(file, document);
  if (isBlock(raw)) return { raw: nullsToBlocks(raw, EMPTY_BLOCKS), map };
  const say = raw === null ? 'the file is empty' : 'must be a block of keys';
  const fix = 'Begin with "app: name"; "fulcrum init" writes a whole file.';
  throw new Fault('CONFIG_INVALID', {
    file: file.name,
    problems: [problem(file, { path: [], say, fix }, { line: 1, column: 1 })],
  });
}

/** An alias without an anchor, or too many of them, is found only here. */
function toPlain(file: ConfigFile, document: Document): unknown {
  try {
    const plain: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    refuseDeep(plain, 0);
    return plain;
  } catch (error) {
    const say = error instanceof Error ? error.message : String(error);
    const problems = [
      problem(file, { path: [], say, fix: 'Correct the YAML.' }, { line: 1, column: 1 }),
    ];
    throw new Fault('CONFIG_INVALID', { file: file.name, problems }, { cause: error });
  }
}

/** An anchor that holds its own alias is a block without an end. */
function refuseDeep(value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError(`blocks are nested deeper than ${MAX_DEPTH}`);
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) refuseDeep(inner, depth + 1);
}

interface Validated {
  readonly input: AppInput | undefined;
  readonly problems: readonly ConfigProblem[];
}

function validate(
  file: ConfigFile,
  raw: unknown,
  map: SourceMap,
  stage: string | undefined,
): Validated {
  const layered = forStage(raw, stage);
  const result = appSchema.safeParse(stage === undefined ? withStages(layered, raw) : layered);
  const issues = result.success ? [] : findingsOf(result.error.issues, layered, jsonSchema());
  const findings = [...issues, ...crossCheck(layered)];
  return {
    input: result.success ? result.data : undefined,
    problems: findings.map((finding) => problem(file, finding, map.locate(finding.path, stage))),
  };
}

/** The names of the stages are checked once, with the file itself. */
function withStages(app: unknown, raw: unknown): unknown {
  if (!isBlock(app) || !isBlock(raw) || raw['stages'] === undefined) return app;
  return { ...app, stages: raw['stages'] };
}

function stageNames(raw: unknown): readonly string[] {
  return isBlock(raw) && isBlock(raw['stages']) ? Object.keys(raw['stages']) : [];
}

function problem(
  file: ConfigFile,
  { path, say, fix }: Finding,
  { line, column }: { readonly line: number; readonly column: number },
): ConfigProblem {
  return { file: file.name, line, column, path: path.join('.'), say, fix };
}

/**
 * A problem of the file itself shows in every stage again: the first sighting counts. They come in
 * the order of the file.
 */
function unique(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const seen = new Map<string, ConfigProblem>();
  for (const item of problems) {
    const key = `${item.path}: ${item.say}`;
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}
