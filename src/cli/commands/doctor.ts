import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { redisAway, type VerdictLevel } from '../doctor/check.js';
import { readDoctorSettings } from '../doctor/doctor-settings.js';
import type { NamedVerdict } from '../doctor/run-checks.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import type { Output, Style } from '../output.js';
import { tameText } from '../text-format.js';

const closingHelp = `
It reads and changes nothing: Redis, the work in it, the call limiter, and the way to the cloud with one read call. Run it
where workers run, with their settings.

Exit codes: 0 healthy, or warnings only; 1 something is at fault; 3 Redis does not answer.

Examples:
  $ tat-cancel doctor
  $ tat-cancel doctor --json | jq -r '.checks[] | select(.level != "ok") | .what'`;

interface DoctorOptions {
  readonly region?: string;
  readonly json?: true;
}

/** `tat-cancel doctor`: what is wrong with this installation, and what to do about it. */
export function addDoctorCommand(parent: Command, context: CliContext): void {
  parent
    .command('doctor')
    .option('-r, --region <region>', 'region to try (TENCENTCLOUD_REGION)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (options: DoctorOptions, command: Command): Promise<ExitCode> => {
        const settings = readDoctorSettings(context.environment, command, { region: options.region });
        // Loaded here: the call limiter and the cloud's SDK would make every other command slow to start.
        const { DoctorScene } = await import('../doctor/doctor-scene.js');
        const { checks } = await import('../doctor/checks.js');
        const { runChecks } = await import('../doctor/run-checks.js');
        const scene = new DoctorScene(settings);
        const verdicts: NamedVerdict[] = [];
        try {
          for await (const verdict of runChecks(checks, scene)) {
            verdicts.push(verdict);
            if (!options.json && verdict.what !== redisAway)
              context.output.print(describe(verdict, context.output));
          }
        } finally {
          scene.close();
        }
        return conclude(verdicts, options, context.output);
      }),
    );
}

const styles: Readonly<Record<VerdictLevel, Style>> = {
  ok: 'green',
  warning: 'yellow',
  fault: 'red',
  skipped: 'gray',
};
const labels: Readonly<Record<VerdictLevel, string>> = {
  ok: 'OK',
  warning: 'WARNING',
  fault: 'FAULT',
  skipped: '-',
};
const nameWidth = 24;

function describe({ level, name, what, advice }: NamedVerdict, output: Output): string {
  const label = output.paint(styles[level], labels[level].padEnd(7));
  const line = `${label}  ${name.padEnd(nameWidth)}  ${tameText(what)}`;
  return advice === undefined ? line : `${line}\n         → ${tameText(advice)}`;
}

function conclude(verdicts: readonly NamedVerdict[], { json }: DoctorOptions, output: Output): ExitCode {
  const count = (level: VerdictLevel) => verdicts.filter((verdict) => verdict.level === level).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  if (json) output.printJson({ healthy: faults === 0, faults, warnings, checks: verdicts });
  else
    output.print(`\n${summary(faults, warnings, verdicts.filter(({ what }) => what === redisAway).length)}`);
  const redis = verdicts.find(({ name }) => name === 'redis');
  if (redis?.level === 'fault') return exitCodes.outOfReach;
  return faults === 0 ? exitCodes.done : exitCodes.faultsFound;
}

function summary(faults: number, warnings: number, unlooked: number): string {
  const parts = [
    ...(faults === 0 ? [] : [faults === 1 ? '1 fault' : `${faults} faults`]),
    ...(warnings === 0 ? [] : [warnings === 1 ? '1 warning' : `${warnings} warnings`]),
  ];
  const rest = unlooked === 0 ? '' : ` ${unlooked} checks of Redis were skipped, because it does not answer.`;
  return (parts.length === 0 ? 'Healthy.' : `${parts.join(', ')}.`) + rest;
}
