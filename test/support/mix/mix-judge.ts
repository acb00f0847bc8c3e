import type { InstanceRecord, RequestStatus } from '../../../src/producer/index.js';
import type { RecordedCall, Simulator } from '../../../src/simulator/index.js';
import type { MixLetter } from './mix-operator.js';
import type { MixPace } from './mix-pace.js';
import { type MixPlan, wrongRegion } from './mix-plan.js';
import type { MixRequest, MixWitness } from './mix-witness.js';

/** When the cloud was away or failed for all alike. By `performance.now()`. */
export interface MixOutage {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface MixEvidence {
  readonly plan: MixPlan;
  readonly pace: MixPace;
  readonly simulator: Simulator;
  readonly witness: MixWitness;
  readonly outages: readonly MixOutage[];
  /** The letters that are there now. */
  readonly letters: readonly MixLetter[];
  /** Since when all is well: what was sent round again after that has no excuse. */
  readonly healedAtMs?: number;
}

const unrelatedCode = 'InvalidParameterValue.InstanceIsNotRelatedToInvocation';
const unknownCode = 'ResourceNotFound.InvocationNotFound';
const refusedCode = 'UnauthorizedOperation.CamAuthFailed';
const regionCode = 'UnsupportedRegion';
export const spuriousCode = 'UnsupportedOperation';
const stillGoing = new Set(['PENDING', 'DELIVERING', 'DELIVER_DELAYED', 'RUNNING']);
const stateOfEnd: Readonly<Record<string, string>> = { TERMINATED: 'terminated', CANCELLED: 'cancelled' };

/** Compares what the outside is told of every instance with what the cloud knows of it. */
export class MixJudge {
  readonly #calls: readonly RecordedCall[];
  readonly #letterOf = new Map<string, MixLetter>();

  constructor(private readonly evidence: MixEvidence) {
    this.#calls = evidence.simulator.record.calls('CancelInvocation');
    for (const letter of evidence.letters) {
      for (const name of letter.names) {
        const full = `${letter.requestId} ${name}`;
        if (this.#letterOf.has(full)) this.#note(`two dead letters for ${full}`);
        this.#letterOf.set(full, letter);
      }
    }
  }

  judge(request: MixRequest, status: RequestStatus, records: readonly InstanceRecord[]): void {
    const counted: Record<string, number> = {};
    const seen = new Set<string>();
    for (const record of records) {
      counted[record.state] = (counted[record.state] ?? 0) + 1;
      const name = `${record.region} ${record.invocationId} ${record.instanceId ?? '*'}`;
      if (seen.has(name)) this.#note(`${status.requestId} lists ${name} twice`);
      seen.add(name);
      const lie = this.#judgeRecord(request, record, `${status.requestId} ${name}`);
      if (lie !== undefined) this.#note(`${status.requestId} ${name} is ${record.state}: ${lie}`);
    }
    for (const [state, told] of Object.entries(status.counts)) {
      if (told !== (counted[state] ?? 0)) {
        this.#note(`${status.requestId} counts ${told} ${state}, ${counted[state] ?? 0} are listed`);
      }
    }
    this.#judgeCover(request, seen);
    this.#judgeLetters(status.requestId, records);
  }

  /** Nothing that was asked for is missing, and nothing else is there. */
  #judgeCover({ ask, requestId }: MixRequest, seen: ReadonlySet<string>): void {
    const wanted = new Set<string>();
    const wholes = new Set<string>();
    for (const { region, invocationId, instanceIds } of ask.request.targets) {
      const place = `${region} ${invocationId}`;
      if (instanceIds === undefined) wholes.add(place);
      for (const id of instanceIds ?? []) wanted.add(`${place} ${id}`);
    }
    for (const place of wholes) {
      const [region = '', invocationId = ''] = place.split(' ');
      const members = this.evidence.simulator.world.find(region, invocationId)?.facts.instanceIds ?? [];
      // Lists of the same invocation are part of the whole.
      for (const name of [...wanted]) if (name.startsWith(`${place} `)) wanted.delete(name);
      const named = members.filter((id) => seen.has(`${place} ${id}`));
      if (!seen.has(`${place} *`)) for (const id of members) wanted.add(`${place} ${id}`);
      else if (named.length > 0)
        this.#note(`${requestId} lists ${place} as a whole and by ${named.length} members`);
      else wanted.add(`${place} *`);
    }
    for (const name of wanted) if (!seen.has(name)) this.#note(`${requestId} has no record of ${name}`);
    for (const name of seen)
      if (!wanted.has(name)) this.#note(`${requestId} has a record of ${name}, which it never asked for`);
  }

  /** Every dead instance has its letter until somebody puts that aside, and no other instance has one. */
  #judgeLetters(requestId: string, records: readonly InstanceRecord[]): void {
    const { discarded } = this.evidence.witness;
    for (const { region, invocationId, instanceId = '*', state } of records) {
      const name = `${requestId} ${region} ${invocationId} ${instanceId}`;
      const has = this.#letterOf.has(name);
      if (state === 'dead-lettered' && !has && !discarded.has(name))
        this.#note(`${name} is dead and has no letter`);
      if (state !== 'dead-lettered' && has) this.#note(`${name} is ${state} and has a dead letter`);
    }
  }

  /** What is wrong with it, if anything. */
  #judgeRecord(request: MixRequest, record: InstanceRecord, name: string): string | undefined {
    const { region, invocationId, instanceId, state, taskStatus } = record;
    const { world } = this.evidence.simulator;
    const isThere = world.find(region, invocationId) !== undefined;
    const status =
      isThere && instanceId !== undefined
        ? this.evidence.simulator.task(invocationId, instanceId)?.status
        : undefined;
    switch (state) {
      case 'terminated':
      case 'cancelled':
        return stateOfEnd[status ?? ''] === state ? undefined : `its task is ${status ?? 'none'}`;
      case 'already-finished':
        return status !== undefined && status === taskStatus
          ? undefined
          : `its task is ${status ?? 'none'}, not ${taskStatus}`;
      case 'accepted':
        return this.#judgeAccepted(request, record);
      case 'withdrawn':
        return this.#judgeWithdrawn(request, record, name);
      case 'dead-lettered':
        return this.#judgeDead(request, record, name, status);
      default:
        return 'it has no end';
    }
  }

  #judgeAccepted({ ask }: MixRequest, record: InstanceRecord): string | undefined {
    if (ask.request.confirm !== false) return 'nobody looked whether it stopped';
    const taken = this.#callsFor(record).some(({ code }) => code === 'OK');
    return taken ? undefined : 'the cloud never took a call for it';
  }

  #judgeWithdrawn({ withdrawnFromMs }: MixRequest, record: InstanceRecord, name: string): string | undefined {
    if (withdrawnFromMs === undefined) return 'nobody took it back';
    if (this.evidence.witness.redriven.has(name)) return undefined;
    const askers = this.evidence.witness.requests.filter(({ ask }) => asksFor(ask.request, record));
    const until = Math.max(...askers.map(({ withdrawnAtMs = Number.POSITIVE_INFINITY }) => withdrawnAtMs));
    const marginMs = this.evidence.pace.worker.callTimeoutMs + 2_000;
    const late = this.#callsFor(record).find(({ atMs }) => atMs > until + marginMs);
    return late === undefined
      ? undefined
      : `call ${late.number} carries it ${Math.round(late.atMs - until)} ms later`;
  }

  #judgeDead(
    request: MixRequest,
    record: InstanceRecord,
    name: string,
    status: string | undefined,
  ): string | undefined {
    const { letters } = this.evidence.witness;
    // Of a letter that was put aside the witness may have seen the content.
    const letter =
      this.#letterOf.get(name) ??
      [...letters.values()].findLast(({ requestId, names }) =>
        names.some((one) => `${requestId} ${one}` === name),
      );
    if (letter === undefined) return undefined; // that it lacks a letter is noted elsewhere
    const reason = this.#reasonAgainst(letter, request, record, name, status);
    return reason === undefined ? undefined : `${letter.code} (${letter.message.slice(0, 80)}): ${reason}`;
  }

  /** Why this dead letter should not be. */
  #reasonAgainst(
    { code, deadAtMs, message }: MixLetter,
    request: MixRequest,
    record: InstanceRecord,
    name: string,
    status: string | undefined,
  ): string | undefined {
    const { plan, simulator } = this.evidence;
    const { region, invocationId } = record;
    if (message === '') return 'it gives no reason';
    const isThere = simulator.world.find(region, invocationId) !== undefined;
    switch (code) {
      case unrelatedCode:
        return isThere && status === undefined ? undefined : 'it is one of its instances';
      case unknownCode:
        return isThere ? 'the cloud knows this invocation' : undefined;
      case regionCode:
        return region === wrongRegion ? undefined : 'the region is served';
      case refusedCode:
        if (!plan.refusedInvocations.includes(invocationId)) return 'nobody refuses it';
        return this.#isHealed(name) ? 'it was granted, and it was sent round again' : undefined;
      case 'NotConfirmed':
        return this.#judgeNotConfirmed(request, record, deadAtMs, status);
      case 'AgentUnresponsive':
        return status === 'TASK_TIMEOUT' ? undefined : `its task is ${status}`;
      case spuriousCode:
        return this.#wasAskedAlone(record) ? undefined : 'it was never asked for alone';
      default:
        return this.#judgeSpent(record, name);
    }
  }

  /** The task must still be there, and not for want of a second cancel. */
  #judgeNotConfirmed(
    { withdrawnFromMs }: MixRequest,
    { invocationId, instanceId = '' }: InstanceRecord,
    deadAtMs: number,
    status = 'none',
  ): string | undefined {
    const { simulator, pace } = this.evidence;
    // An agent that missed the cancel is not told again once the request was taken back.
    if (withdrawnFromMs !== undefined && status === 'RUNNING') return undefined;
    if (stillGoing.has(status)) return `its task is ${status}, and could be stopped`;
    const endedAtMs = simulator.task(invocationId, instanceId)?.endedAtMs ?? Number.POSITIVE_INFINITY;
    const isLate = endedAtMs < deadAtMs - pace.lookEveryMs;
    return isLate ? `its task had ended ${deadAtMs - endedAtMs} ms before` : undefined;
  }

  /** A failure in passing is one only after as many attempts as there are, and not while the cloud fails for all. */
  #judgeSpent(record: InstanceRecord, name: string): string | undefined {
    const { plan, pace, outages } = this.evidence;
    if (plan.cursedInvocations.includes(record.invocationId)) {
      return this.#isHealed(name) ? 'it works again, and it was sent round again' : undefined;
    }
    const failed = this.#callsFor(record).filter(
      ({ code, atMs }) =>
        code !== 'OK' && !outages.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs),
    );
    const { attempts } = pace.worker;
    return failed.length >= attempts ? undefined : `${failed.length} calls failed for it, ${attempts} may`;
  }

  #isHealed(name: string): boolean {
    const { healedAtMs = Number.POSITIVE_INFINITY, witness } = this.evidence;
    return (
      (witness.redriven.get(name) ?? Number.NEGATIVE_INFINITY) >= healedAtMs && !witness.discarded.has(name)
    );
  }

  #wasAskedAlone(record: InstanceRecord): boolean {
    return this.#callsFor(record).some(
      ({ code, instanceIds }) =>
        code === spuriousCode && (record.instanceId === undefined || instanceIds?.length === 1),
    );
  }

  #callsFor({ region, invocationId, instanceId }: InstanceRecord): RecordedCall[] {
    return this.#calls.filter(
      (call) =>
        call.region === region &&
        call.invocationId === invocationId &&
        (call.instanceIds === undefined ||
          (instanceId !== undefined && call.instanceIds.includes(instanceId))),
    );
  }

  #note(violation: string): void {
    this.evidence.witness.note(violation);
  }
}

function asksFor(
  { targets }: MixRequest['ask']['request'],
  { region, invocationId, instanceId = '' }: InstanceRecord,
): boolean {
  return targets.some(
    (target) =>
      target.region === region &&
      target.invocationId === invocationId &&
      (target.instanceIds?.includes(instanceId) ?? true),
  );
}
