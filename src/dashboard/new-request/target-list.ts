import type { Target } from '../../shared/schemas.js';
import { isHeaderLine, parseTargetLine } from './target-line.js';

export interface LineProblem {
  readonly line: number;
  readonly reason: string;
}

interface Wanted {
  readonly invocationId: string;
  readonly region: string | undefined;
  /** The line that asks for the whole invocation. */
  wholeLine: number | undefined;
  /** Instances and the lines that name them first. */
  readonly lines: Map<string, number>;
}

/** A list of targets as it was read: each instance once, bad lines with their numbers. */
export interface TargetList {
  readonly targets: readonly Target[];
  /** A whole invocation counts as one. */
  readonly instances: number;
  readonly wholeInvocations: number;
  readonly namedLines: number;
  /** Lines that named again what was there, or what a whole invocation covers. */
  readonly doubled: number;
  /** The first of them only; `problemCount` has all. */
  readonly problems: readonly LineProblem[];
  readonly problemCount: number;
  /** The line behind a place in the request, as the server names places: `targets[3].instanceIds[7]`. */
  lineAt(path: string): number | undefined;
}

const mostProblems = 100;

/** Takes lines as they come, so that a large file needs not be in memory as text. */
export class TargetListReader {
  readonly #wanted = new Map<string, Wanted>();
  readonly #problems: LineProblem[] = [];
  #problemCount = 0;
  #line = 0;
  #named = 0;
  #doubled = 0;
  #mayBeHeader = true;

  read(lines: readonly string[]): void {
    for (const line of lines) this.#readLine(line);
  }

  finish(): TargetList {
    const all = [...this.#wanted.values()];
    const targets = all.map(toTarget);
    return {
      targets,
      instances: targets.reduce((sum, { instanceIds }) => sum + (instanceIds?.length ?? 1), 0),
      wholeInvocations: targets.filter(({ instanceIds }) => instanceIds === undefined).length,
      namedLines: this.#named,
      doubled: this.#doubled,
      problems: this.#problems,
      problemCount: this.#problemCount,
      lineAt: (path) => lineAt(path, all),
    };
  }

  #readLine(text: string): void {
    this.#line += 1;
    // Spreadsheets put a byte order mark in front.
    const line = this.#line === 1 ? text.replace(/^\uFEFF/, '') : text;
    const parsed = parseTargetLine(line);
    if (parsed.kind === 'nothing') return;
    const mayBeHeader = this.#mayBeHeader;
    this.#mayBeHeader = false;
    if (parsed.kind === 'target') this.#add(parsed.target);
    else if (!(mayBeHeader && isHeaderLine(line))) this.#complain(parsed.reason);
  }

  #complain(reason: string): void {
    this.#problemCount += 1;
    if (this.#problems.length < mostProblems) this.#problems.push({ line: this.#line, reason });
  }

  #add({ invocationId, instanceIds, region }: Target): void {
    this.#named += 1;
    const key = `${region ?? ''}|${invocationId}`;
    let wanted = this.#wanted.get(key);
    if (wanted === undefined) {
      wanted = { invocationId, region, wholeLine: undefined, lines: new Map() };
      this.#wanted.set(key, wanted);
    }
    if (instanceIds === undefined) {
      this.#doubled += wanted.wholeLine === undefined ? wanted.lines.size : 1;
      wanted.wholeLine ??= this.#line;
      return;
    }
    for (const id of instanceIds) {
      if (wanted.wholeLine !== undefined || wanted.lines.has(id)) this.#doubled += 1;
      else wanted.lines.set(id, this.#line);
    }
  }
}

/** Reads a text at once. */
export function readTargetList(text: string): TargetList {
  const reader = new TargetListReader();
  reader.read(text.split(/\r?\n/));
  return reader.finish();
}

function toTarget({ invocationId, region, wholeLine, lines }: Wanted): Target {
  return {
    invocationId,
    ...(region === undefined ? {} : { region }),
    ...(wholeLine === undefined ? { instanceIds: [...lines.keys()] } : {}),
  };
}

function lineAt(path: string, all: readonly Wanted[]): number | undefined {
  const [, target, instance] = /^targets\[(\d+)\](?:\.instanceIds\[(\d+)\])?/.exec(path) ?? [];
  const wanted = target === undefined ? undefined : all[Number(target)];
  if (wanted === undefined) return undefined;
  const lines = [...wanted.lines.values()];
  return wanted.wholeLine ?? lines[instance === undefined ? 0 : Number(instance)];
}
