import { type Command, Option } from 'commander';
import type { z } from 'zod';
import type { Simulator, SimulatorProcessOptions } from '../../simulator/index.js';
import { simulatorOptionsSchema } from '../../simulator/process/simulator-process-options.js';
import type { CliContext } from '../cli-context.js';
import { UsageError } from '../cli-errors.js';
import { exitCodes } from '../exit-code.js';
import { countOf } from '../text-format.js';

const closingHelp = `
In three terminals:

Examples:
  $ tat-cancel simulator          # prints lines to paste into the second terminal
  $ tat-cancel worker             # after pasting them
  $ curl -s 'http://127.0.0.1:4010/_simulator/invocations?format=ndjson' | tat-cancel cancel --file - --watch`;

/** `tat-cancel simulator`: a local TAT API with commands to cancel. */
export function addSimulatorCommand(parent: Command, context: CliContext): void {
  const command = parent.command('simulator').addHelpText('after', closingHelp);
  const defaults: Partial<Record<string, unknown>> = simulatorOptionsSchema.parse({});
  for (const [name, schema] of Object.entries(simulatorOptionsSchema.shape)) {
    const option = new Option(`${flagOf(name)} <value>`, schema.description);
    command.addOption(defaults[name] === undefined ? option : option.default(defaults[name]));
  }
  command.action(
    context.action(async (options: object) => {
      const parsed = simulatorOptionsSchema.safeParse(options);
      if (!parsed.success) {
        const problems = parsed.error.issues.map((issue) => `\n  ${describeIssue(issue)}`);
        throw new UsageError(`The simulator cannot run with these options:${problems.join('')}`);
      }
      await run(parsed.data, context);
      return exitCodes.done;
    }),
  );
}

async function run(options: SimulatorProcessOptions, context: CliContext): Promise<void> {
  const { runSimulator } = await import('../../simulator/index.js');
  try {
    await runSimulator(options, {
      signal: context.trapSignals(),
      onListening: (simulator) => context.output.print(describe(simulator, options)),
    });
  } catch (error) {
    throw asUsageError(error, options);
  }
}

/** What is printed can be pasted into the worker's terminal, comments included. */
function describe(simulator: Simulator, options: SimulatorProcessOptions): string {
  const [invocation] = simulator.world.invocations();
  const { invocationId, command } = invocation?.facts ?? {};
  return [
    `# Simulated TAT API: ${simulator.url} (${countOf(options.invocations, 'invocation')} of ${countOf(options.instancesPerInvocation, 'instance')})`,
    '# For the worker that calls it:',
    `export TAT_ENDPOINT=${simulator.url}`,
    `export TENCENTCLOUD_SECRET_ID=${options.secretId}`,
    `export TENCENTCLOUD_SECRET_KEY=${options.secretKey}`,
    `export TENCENTCLOUD_REGION=${options.region}`,
    ...(invocationId === undefined
      ? []
      : [
          `# To cancel one: tat-cancel cancel ${invocationId} --watch`,
          `# To find and cancel what runs of its command: tat-cancel cancel --command ${command?.commandId} --watch`,
          `# To cancel all: curl -s '${simulator.url}/_simulator/invocations?format=ndjson' | tat-cancel cancel --file - --watch`,
        ]),
  ].join('\n');
}

function describeIssue(issue: z.core.$ZodIssue): string {
  // A number may also come as text, and options always do: what is wrong with the text is what counts.
  const cause = issue.code === 'invalid_union' ? (issue.errors.at(-1)?.[0] ?? issue) : issue;
  return `${flagOf(String(issue.path[0] ?? ''))}: ${cause.message}`;
}

function asUsageError(error: unknown, { host, port }: SimulatorProcessOptions): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === 'EADDRINUSE') {
    return new UsageError(
      `Port ${port} of ${host} is taken: choose another with --port, or 0 for any free one.`,
    );
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new UsageError(
      `The simulator cannot listen on ${host}, port ${port} (${code}): see --host and --port.`,
    );
  }
  return error;
}

/** instancesPerInvocation → --instances-per-invocation */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
