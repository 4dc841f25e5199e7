// The program as a function: arguments in, exit code out. Results go to `out`, messages to `err`.

import { CommanderError, Command as Parser, Option as ParserOption } from 'commander';
import { type Fault, toFault } from '../base/fault.ts';
import { EXIT } from '../base/fault-entry.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import type { CliHost, Context, Values } from './context.ts';
import { faultJson, faultText } from './render-fault.ts';
import { painter } from './terminal.ts';

/** `argv` without the name of the program. Never throws, never exits. */
export async function run(argv: readonly string[], host: CliHost): Promise<number> {
  const { env } = host.machine;
  const context: Context = {
    ...host,
    paint: painter(host.out, env),
    paintErr: painter(host.err, env),
  };
  let exit: number = EXIT.ok;
  const parser = parserFor(context, COMMANDS, (code) => {
    exit = code;
  });
  try {
    await parser.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return report(toFault(error), context, argv);
  }
}

function report(fault: Fault, context: Context, argv: readonly string[]): number {
  if (argv.includes('--json')) context.out.write(faultJson(fault));
  else context.err.write(faultText(fault, context.paintErr, argv.includes('--debug')));
  return fault.exitCode;
}

function parserFor(
  context: Context,
  commands: readonly Command[],
  done: (exit: number) => void,
): Parser {
  const parser = new Parser('fulcrum')
    .description('Runs one unmodified program on AWS Lambda and on ECS Fargate at the same time.')
    .version(context.version, '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Show this help.')
    .option('--debug', 'Show where a failure came from.')
    .showHelpAfterError('Run "fulcrum --help" for the commands.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
    })
    .addHelpText('after', '\nBegin with: fulcrum demo, or fulcrum init && fulcrum dev');
  for (const command of commands) addCommand(parser, command, context, done);
  return parser;
}

function addCommand(
  parser: Parser,
  command: Command,
  context: Context,
  done: (exit: number) => void,
): void {
  const sub = parser
    .command(command.name)
    .description(command.what)
    .showHelpAfterError(`Run "fulcrum ${command.name} --help" for its options.`);
  for (const { name, what, optional, many, default: otherwise } of command.arguments) {
    const called = many === true ? `${name}...` : name;
    sub.argument(optional === true ? `[${called}]` : `<${called}>`, what, otherwise);
  }
  for (const { flags, what, many, choices } of command.options) {
    const option = new ParserOption(flags, what);
    if (choices !== undefined) option.choices(choices);
    if (many === true)
      option.argParser((value, all: string[] | undefined) => [...(all ?? []), value]);
    sub.addOption(option);
  }
  sub.option('--debug', 'Show where a failure came from.');
  sub.addHelpText(
    'after',
    `\nExamples:\n${command.examples.map((line) => `  ${line}\n`).join('')}`,
  );
  sub.action(async () => {
    done(await command.run(context, valuesOf(sub.args, sub.opts(), command)));
  });
}

function valuesOf(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  command: Command,
): Values {
  const defaults = command.arguments.map((argument) => argument.default);
  const named = defaults.map((otherwise, index) => args[index] ?? otherwise ?? '');
  return {
    args: [...named, ...args.slice(named.length)].filter(Boolean),
    text: (name) => {
      const value = options[name];
      return typeof value === 'string' ? value : undefined;
    },
    list: (name) => {
      const value = options[name];
      return Array.isArray(value) ? (value as readonly string[]) : [];
    },
    on: (name) => options[name] === true,
  };
}
