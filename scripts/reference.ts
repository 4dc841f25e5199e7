// The reference pages, made from what the program itself uses: the schema of fulcrum.yml, the table
// of faults, the table of commands. `make docs` writes them; a test holds them to the code.

import { EXIT, type FaultEntry } from '../src/base/fault-entry.ts';
import { FAULTS } from '../src/base/faults.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { type JsonSchema, jsonSchema, schemaAt } from '../src/config/json-schema.ts';
import { PRESETS } from '../src/config/presets.ts';
import { usageSchema } from '../src/cost/input/usage-schema.ts';
import { costSchemaText } from '../src/ops/cost-schema.ts';
import { schemaText } from '../src/ops/schema.ts';
import { simulateSchemaText } from '../src/ops/simulate-report.ts';
import { ratePage } from './reference-rate.ts';

/** File, relative to the root of the repository → its text. */
export function referencePages(): Readonly<Record<string, string>> {
  return {
    'docs/guide/fulcrum-yml.md': configPage(),
    'docs/guide/faults.md': faultPage(),
    'docs/guide/commands.md': commandPage(),
    'docs/guide/prices-rate.md': ratePage(),
    'schema/fulcrum.schema.json': schemaText(),
    'schema/cost.schema.json': costSchemaText(),
    'schema/simulate.schema.json': simulateSchemaText(),
    'schema/usage.schema.json': `${JSON.stringify(usageSchema(), null, 2)}\n`,
  };
}

const MADE = '<!-- Made by "make docs" from the code; edits here are lost. -->\n';

function configPage(): string {
  const lines = [
    MADE,
    '# fulcrum.yml\n',
    'Every key, with its rule. Durations are seconds or texts such as `500ms`, `30s`, `5m`, `2h`; sizes are MB or texts such as `512 MB`, `2 GB`. `fulcrum init` writes a file to begin with, `fulcrum validate` checks one, and an editor that knows YAML schemas can use the output of `fulcrum schema`.\n',
  ];
  section(lines, 'The app', jsonSchema(), '');
  lines.push('## Presets\n', '| preset | what it sets |', '|---|---|');
  for (const [name, blocks] of Object.entries(PRESETS))
    lines.push(`| \`${name}\` | ${sayPreset(blocks)} |`);
  return `${lines.join('\n')}\n`;
}

const TITLES: Readonly<Record<string, string>> = {
  account: '`account`',
  entry: '`entry`',
  'entry.https': '`entry.https`',
  'entry.cors': '`entry.cors`',
  'entry.authorizer': '`entry.authorizer`',
  services: '`services.<name>`',
  'services.*.health': '`services.<name>.health`',
  'services.*.lambda': '`services.<name>.lambda`',
  'services.*.fargate': '`services.<name>.fargate`',
  'services.*.fargate.tasks': '`services.<name>.fargate.tasks`',
  'services.*.fargate.scale': '`services.<name>.fargate.scale`',
  'services.*.fargate.autoscaling': '`services.<name>.fargate.autoscaling`',
  'services.*.fargate.autoscaling.policies': '`services.<name>.fargate.autoscaling.policies[]`',
  'services.*.fargate.autoscaling.policies.targetTracking': '`…policies[].targetTracking`',
  'services.*.fargate.autoscaling.policies.step': '`…policies[].step`',
  'services.*.fargate.autoscaling.policies.step.steps': '`…policies[].step.steps[]`',
  'services.*.fargate.autoscaling.policies.schedule': '`…policies[].schedule`',
  'services.*.fargate.autoscaling.suspended': '`services.<name>.fargate.autoscaling.suspended`',
  'services.*.fargate.healthCheck': '`services.<name>.fargate.healthCheck`',
  'services.*.fargate.deployment': '`services.<name>.fargate.deployment`',
  'services.*.fargate.deployment.circuitBreaker':
    '`services.<name>.fargate.deployment.circuitBreaker`',
  'services.*.fargate.deployment.circuitBreaker.threshold':
    '`services.<name>.fargate.deployment.circuitBreaker.threshold`',
  'services.*.fargate.deployment.alarms': '`services.<name>.fargate.deployment.alarms`',
  'services.*.fargate.targetGroup': '`services.<name>.fargate.targetGroup`',
  'services.*.fargate.targetGroup.stickiness': '`services.<name>.fargate.targetGroup.stickiness`',
  'services.*.queue': '`services.<name>.queue`',
  functions: '`functions.<name>`',
  'functions.*.url': '`functions.<name>.url`',
  'functions.*.url.cors': '`functions.<name>.url.cors`',
  'functions.*.lambda': '`functions.<name>.lambda`',
  'functions.*.queue': '`functions.<name>.queue`',
  queues: '`queues.<name>`',
  'queues.*.deadLetter': '`queues.<name>.deadLetter`',
  'functions.*.versions': '`functions.<name>.versions.<number>`',
  'functions.*.versions.*.lambda': '`functions.<name>.versions.<number>.lambda`',
  'functions.*.async': '`functions.<name>.async`',
  'functions.*.async.onSuccess': '`functions.<name>.async.onSuccess` and `onFailure`',
  'functions.*.async.deadLetter': '`functions.<name>.async.deadLetter`',
  alarms: '`alarms.<name>`',
  'alarms.*.metric': '`metric` as a block, here and in policies',
  routes: '`routes[]`',
  'routes.forward': '`routes[].forward[]`',
  'routes.redirect': '`routes[].redirect`',
  'routes.respond': '`routes[].respond`',
  'routes.rewrite': '`routes[].rewrite`',
  'routes.rewrite.path': '`routes[].rewrite.path` and `host`',
  cost: '`cost`',
  'cost.traffic': '`cost.traffic`',
  'cost.traffic.shape': '`cost.traffic.shape` as a block',
  'cost.requests': '`cost.requests`',
  'cost.requests.duration': '`duration` and every other figure as a block',
  'cost.services': '`cost.services.<name>`',
  'cost.entry': '`cost.entry`',
  'cost.network': '`cost.network`',
  'cost.logs': '`cost.logs`',
  'cost.resources': '`cost.resources.<name>`',
  local: '`local`',
  'local.assume': '`local.assume`',
};

function section(lines: string[], title: string, block: JsonSchema, path: string): void {
  const required = new Set(block.required ?? []);
  lines.push(`## ${title}\n`, '| key | default | |', '|---|---|---|');
  const inner: [string, JsonSchema, string][] = [];
  for (const [key, value] of Object.entries(block.properties ?? {})) {
    const fallback = required.has(key) ? '**required**' : sayDefault(value);
    lines.push(`| \`${key}\` | ${fallback} | ${sayRule(value)} |`);
    const child = childOf(value);
    const below = `${path}${key}${typeof value.additionalProperties === 'object' ? '.*' : ''}`;
    const name = TITLES[`${path}${key}`];
    if (child === undefined || name === undefined) continue;
    if (child.oneOf === undefined) inner.push([name, child, `${below}.`]);
    else for (const one of child.oneOf) inner.push([`${name} of ${sayConstant(one)}`, one, '']);
  }
  lines.push('');
  for (const [name, child, below] of inner) section(lines, name, child, below);
}

/** "type: rds", of blocks that are told apart by it. */
function sayConstant({ properties = {} }: JsonSchema): string {
  const found = Object.entries(properties).find(([, value]) => value.const !== undefined);
  return found === undefined ? 'another type' : `\`${found[0]}: ${String(found[1].const)}\``;
}

function childOf(value: JsonSchema): JsonSchema | undefined {
  const open = schemaAt(value, []) ?? value;
  if (open.properties !== undefined) return open;
  if (typeof open.additionalProperties === 'object') return open.additionalProperties;
  return open.items;
}

function sayDefault(value: JsonSchema): string {
  if (value.default === undefined) return '';
  const text = JSON.stringify(value.default);
  return text === '{}' ? '' : `\`${text.replaceAll('"', '')}\``;
}

function sayRule({ description = '', enum: words, minimum, maximum }: JsonSchema): string {
  const bounded = minimum !== undefined && maximum !== undefined && minimum !== -maximum;
  const range = bounded ? ` ${minimum} to ${maximum}.` : '';
  const choice =
    words === undefined ? '' : ` One of ${words.map((word) => `\`${word}\``).join(', ')}.`;
  return `${description}${range}${choice}`.replaceAll('|', '\\|');
}

function sayPreset(blocks: object): string {
  return Object.entries(blocks)
    .map(([block, keys]) => `\`${block}: ${JSON.stringify(keys).replaceAll('"', '')}\``)
    .join(', ');
}

function faultPage(): string {
  const lines = [
    MADE,
    '# Faults\n',
    'Everything that can go wrong for a user has a code. A command that fails prints what happened, what to do and the code; with `--json` it prints `{"ok":false,"error":{…}}`. A request that fails has its fault in the event stream.\n',
    '## Exit codes\n',
    '| code | meaning |',
    '|---|---|',
    ...Object.entries(EXIT).map(
      ([name, code]) => `| ${code} | ${EXIT_MEANING[name as keyof typeof EXIT]} |`,
    ),
    '',
    '## Codes\n',
    '| code | whose move | exit | when |',
    '|---|---|---|---|',
  ];
  for (const [code, { blame, exit, when }] of Object.entries(FAULTS) as [
    string,
    FaultEntry<never>,
  ][]) {
    lines.push(`| \`${code}\` | ${blame} | ${exit} | ${when} |`);
  }
  return `${lines.join('\n')}\n`;
}

const EXIT_MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'it worked',
  unexpected: 'it failed, and no other code fits',
  usage: 'the command line is wrong',
  config: 'fulcrum.yml is not valid',
  notFound: 'a file, an app or an engine is not there',
  conflict: 'something stands in the way: a port, a file, an engine',
  findings: '`fulcrum doctor` found a problem, or something has no known price',
  timedOut: 'no answer in time',
  dependency: 'a tool is missing',
  interrupted: 'Ctrl-C',
  terminated: 'SIGTERM',
};

function commandPage(): string {
  const lines = [
    MADE,
    '# Commands\n',
    'Results go to standard output, messages to standard error. `--debug` shows where a failure came from. `NO_COLOR` is honoured.\n',
  ];
  for (const { name, what, arguments: args, options, examples } of COMMANDS) {
    const words = args.map((one) => (one.optional === true ? `[${one.name}]` : `<${one.name}>`));
    lines.push(`## fulcrum ${[name, ...words].join(' ')}\n`, `${what}\n`);
    const rows = [
      ...args.map(
        (one) =>
          `| \`${one.name}\` | ${one.what}${one.default === undefined ? '' : ` Default \`${one.default}\`.`} |`,
      ),
      ...options.map(
        (one) =>
          `| \`${one.flags}\` | ${one.what}${one.choices === undefined ? '' : ` One of ${one.choices.join(', ')}.`}${one.many === true ? ' May be given several times.' : ''} |`,
      ),
    ];
    if (rows.length > 0) lines.push('| | |', '|---|---|', ...rows, '');
    lines.push('```', ...examples, '```\n');
  }
  return `${lines.join('\n')}`;
}
