import type { CallFacts } from '../record/recorded-call.js';
import { drawUnit } from '../seeded-random.js';
import { type FaultRule, faultRuleSchema } from './fault-rule.js';

interface CountedRule {
  readonly rule: FaultRule;
  readonly number: number;
  calls: number;
}

const shareStream = 1000;

/** Decides which calls go wrong. The same rules, seed and order of calls give the same faults. */
export class FaultSchedule {
  #nextFaults: FaultRule[] = [];
  #rules: CountedRule[] = [];
  #rulesMade = 0;

  /** Throws a ZodError for a rule that makes no sense. */
  constructor(
    rules: readonly FaultRule[],
    private readonly seed: number,
  ) {
    for (const rule of rules) this.add(rule);
  }

  /** Adds a rule, behind those there are: the first one that hits a call decides. Its count of calls begins now. */
  add(rule: FaultRule): void {
    this.#rules.push({ rule: faultRuleSchema.parse(rule), number: this.#rulesMade++, calls: 0 });
  }

  /** The next call of that action goes wrong so. Said several times: that many calls, in this order. */
  next(action: string, fault: Omit<FaultRule, 'action'>): void {
    this.#nextFaults.push(faultRuleSchema.parse({ ...fault, action }));
  }

  /** From now on every call of that action goes wrong so. */
  always(action: string, fault: Omit<FaultRule, 'action'>): void {
    this.add({ ...fault, action });
  }

  /** Nothing goes wrong any more. */
  clear(): void {
    this.#nextFaults = [];
    this.#rules = [];
  }

  /** What goes wrong with this call, if anything. Every call must be asked about once. */
  take(call: CallFacts): FaultRule | undefined {
    const next = this.#nextFaults.findIndex((fault) => concerns(fault, call));
    let hit = next < 0 ? undefined : this.#nextFaults.splice(next, 1)[0];
    for (const counted of this.#rules) {
      if (!concerns(counted.rule, call)) continue;
      counted.calls += 1;
      if (hit === undefined && this.#isDue(counted)) hit = counted.rule;
    }
    return hit;
  }

  #isDue({ rule, number, calls }: CountedRule): boolean {
    if (rule.calls !== undefined && !rule.calls.includes(calls)) return false;
    if (calls < (rule.from ?? 1) || calls > (rule.to ?? Number.POSITIVE_INFINITY)) return false;
    if (rule.everyNth !== undefined && calls % rule.everyNth !== 0) return false;
    return rule.share === undefined || drawUnit(this.seed, shareStream + number, calls) < rule.share;
  }
}

function concerns(rule: FaultRule, call: CallFacts): boolean {
  return (
    (rule.action === undefined || rule.action === call.action) &&
    (rule.region === undefined || rule.region === call.region) &&
    (rule.secretId === undefined || rule.secretId === call.secretId) &&
    (rule.invocationId === undefined || rule.invocationId === call.invocationId) &&
    (rule.instanceId === undefined || (call.instanceIds?.includes(rule.instanceId) ?? false)) &&
    (rule.whole === undefined || rule.whole === (call.instanceIds === undefined))
  );
}
